using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace JointFusion.Dashboard;

/// <summary>Questions to trained retrievers, and the pictures of what they find.</summary>
internal static class PlaygroundApi
{
    /// <summary>A picture in base64, and the rest.</summary>
    private const long LongestQuestion = PlaygroundQuery.LargestPicture / 3 * 4 + (1 << 16);

    public static void MapPlayground(this IEndpointRouteBuilder routes)
    {
        var run = routes.MapGroup("/api/v1/runs/{experiment}/{run}").AddEndpointFilter<ApiGate>();
        run.MapPost("/search", SearchAsync).WithMetadata(new Demand(ApiRole.Viewer, null))
            .Takes<PlaygroundQuestion>("A text, a picture in base64, or both.").Tells<PlaygroundAnswer>("What the run's retriever finds, best first. The first question to a checkpoint waits for it to be loaded.");
        run.MapGet("/candidates/picture", (ExperimentShelf shelf, IRetrievers retrievers, string experiment, string run, string id) =>
            Picture(Items(shelf, retrievers, experiment, run).Candidate(id)?.Picture, id)).Tells("The picture of a candidate.", "image/jpeg");
        run.MapGet("/queries/picture", (ExperimentShelf shelf, IRetrievers retrievers, string experiment, string run, string id) =>
            Picture(Items(shelf, retrievers, experiment, run).Query(id)?.Item.Picture, id)).Tells("The picture of an evaluation's query.", "image/jpeg");
    }

    /// <summary>Of a candidate, for a page.</summary>
    public static string CandidatePicture(string experiment, string run, string did) => Address(experiment, run, "candidates", did);

    public static string QueryPicture(string experiment, string run, string queryId) => Address(experiment, run, "queries", queryId);

    private static string Address(string experiment, string run, string kind, string id) =>
        $"api/v1/runs/{Uri.EscapeDataString(experiment)}/{Uri.EscapeDataString(run)}/{kind}/picture?id={Uri.EscapeDataString(id)}";

    private static async Task<IResult> SearchAsync(HttpContext context, ExperimentShelf shelf, IRetrievers retrievers, string experiment, string run, CancellationToken cancel)
    {
        shelf.Require(experiment, run);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = LongestQuestion;
        var question = await ReadAsync(context.Request.Body, cancel);
        var query = new PlaygroundQuery(experiment, run, question.Step, question.Text, question.Picture, question.Task, question.Top ?? PlaygroundQuestion.UsualHits);
        if (query.Fault is { } fault)
            throw ApiException.BadRequest(fault);
        return Results.Json(await retrievers.AskAsync(query, _ => { }, cancel), ApiJson.Default.PlaygroundAnswer);
    }

    private static async Task<PlaygroundQuestion> ReadAsync(Stream body, CancellationToken cancel)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(body, ApiJson.Default.PlaygroundQuestion, cancel) ?? throw new JsonException("it is null");
        }
        catch (JsonException malformed)
        {
            throw ApiException.BadRequest($"The body is no question in JSON: {malformed.Message}");
        }
    }

    private static IItemCatalog Items(ExperimentShelf shelf, IRetrievers retrievers, string experiment, string run)
    {
        shelf.Require(experiment, run);
        return retrievers.ItemsOf(experiment, run);
    }

    private static IResult Picture(ItemPicture? picture, string id) =>
        picture is null ? throw ApiException.NotFound($"\"{id}\" is no item with a picture.") : Results.Bytes(picture.Bytes.ToArray(), picture.MediaType);
}

/// <summary>The body of a search: see <see cref="PlaygroundQuery"/>.</summary>
/// <param name="Top">Default 10.</param>
public sealed record PlaygroundQuestion(string? Text = null, byte[]? Picture = null, int? Task = null, int? Top = null, int? Step = null)
{
    internal const int UsualHits = 10;
}
