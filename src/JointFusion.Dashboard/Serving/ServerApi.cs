using System.Collections.Immutable;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace JointFusion.Dashboard;

/// <summary>The versioned HTTP/JSON API of a server: experiments in, their state and files out. Problems are <c>application/problem+json</c>.</summary>
internal static class ServerApi
{
    public const string ClusterPath = "/api/v1/cluster";
    public const string ProblemType = "application/problem+json";
    private const int LongestSpec = 1 << 20;

    public static void MapServerApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("ok"));
        var api = routes.MapGroup("/api/v1").AddEndpointFilter(TellProblems);
        api.MapGet("/cluster", (IExperimentDesk desk) => Json(desk.Cluster, ApiJson.Default.ClusterInfo));
        api.MapGet("/experiments", async (ApiReader reader) =>
            Json(await reader.ExperimentsAsync(), ApiJson.Default.ImmutableArrayExperimentInfo));
        api.MapPut("/experiments/{name}", SubmitAsync);
        api.MapGet("/experiments/{name}", async (ApiReader reader, string name) =>
            Json(await reader.ExperimentAsync(name), ApiJson.Default.ExperimentInfo));
        api.MapPost("/experiments/{name}/pause", (ApiReader reader, IExperimentDesk desk, string name) => DoAsync(desk.PauseAsync, reader.RunsOf(name)));
        api.MapPost("/experiments/{name}/cancel", (ApiReader reader, IExperimentDesk desk, string name) => DoAsync(desk.CancelAsync, reader.RunsOf(name)));
        api.MapPost("/experiments/{name}/resume", (ApiReader reader, IExperimentDesk desk, string name) => DoAsync(desk.ResumeAsync, reader.RunsOf(name)));
        MapNodes(api);
        MapSweeps(api);
        api.MapGet("/runs", async (ApiReader reader) =>
            Json(await reader.RunsAsync(), ApiJson.Default.ImmutableArrayRunStatus));
        var run = api.MapGroup("/runs/{experiment}/{run}");
        run.MapGet("", async (ApiReader reader, string experiment, string run) =>
            Json(await reader.RunAsync(experiment, run), ApiJson.Default.RunInfo));
        run.MapPost("/pause", (ApiReader reader, IExperimentDesk desk, string experiment, string run) => DoAsync(desk.PauseAsync, [reader.Known(experiment, run)]));
        run.MapPost("/cancel", (ApiReader reader, IExperimentDesk desk, string experiment, string run) => DoAsync(desk.CancelAsync, [reader.Known(experiment, run)]));
        run.MapPost("/resume", (ApiReader reader, IExperimentDesk desk, string experiment, string run) => DoAsync(desk.ResumeAsync, [reader.Known(experiment, run)]));
        run.MapGet("/metrics", (ApiReader reader, string experiment, string run, string? since) =>
            Json(reader.Metrics(experiment, run, Number("since", since) ?? 0), ApiJson.Default.RunMetrics));
        run.MapGet("/logs", LogsAsync);
        api.MapFallback("{**path}", IResult (HttpContext context) => throw ApiException.NotFound($"{context.Request.Method} {context.Request.Path} is not part of this API."));
    }

    private static void MapNodes(RouteGroupBuilder api)
    {
        api.MapGet("/nodes", async (IExperimentDesk desk) => Json((await desk.SnapshotAsync()).Nodes, ApiJson.Default.ImmutableArrayLiveNode));
        var node = api.MapGroup("/nodes/{node}");
        node.MapPost("/drain", async (ApiReader reader, IExperimentDesk desk, string node) => await AcceptAsync(desk.DrainAsync(await reader.NodeAsync(node), drain: true)));
        node.MapPost("/undrain", async (ApiReader reader, IExperimentDesk desk, string node) => await AcceptAsync(desk.DrainAsync(await reader.NodeAsync(node), drain: false)));
        node.MapPost("/workers/{slot:int}/release", async (ApiReader reader, IExperimentDesk desk, string node, int slot) =>
            await AcceptAsync(desk.ReleaseAsync(await reader.NodeAsync(node, slot), slot)));
    }

    private static void MapSweeps(RouteGroupBuilder api)
    {
        api.MapGet("/sweeps", async (ApiReader reader) => Json(await reader.SweepsAsync(), ApiJson.Default.ImmutableArraySweepInfo));
        var sweep = api.MapGroup("/sweeps/{sweep}");
        sweep.MapGet("", async (ApiReader reader, string sweep) => Json(await reader.SweepAsync(sweep), ApiJson.Default.SweepInfo));
        sweep.MapPut("", ExtendAsync);
        sweep.MapPost("/pause", async (ApiReader reader, IExperimentDesk desk, string sweep) => await DoAsync(desk.PauseAsync, await reader.RunsOfSweepAsync(sweep)));
        sweep.MapPost("/cancel", async (ApiReader reader, IExperimentDesk desk, string sweep) => await DoAsync(desk.CancelAsync, await reader.RunsOfSweepAsync(sweep)));
        sweep.MapPost("/resume", async (ApiReader reader, IExperimentDesk desk, string sweep) => await DoAsync(desk.ResumeAsync, await reader.RunsOfSweepAsync(sweep)));
    }

    private static async Task<IResult> ExtendAsync(HttpContext context, IExperimentDesk desk, ApiReader reader, string sweep, string? file, CancellationToken cancel)
    {
        await reader.RunsOfSweepAsync(sweep);
        await desk.ExtendAsync(new SpecUpload(sweep, file ?? $"{sweep}.yaml", await BodyAsync(context, cancel)));
        return Json(await reader.SweepAsync(sweep), ApiJson.Default.SweepInfo);
    }

    private static async Task<string> BodyAsync(HttpContext context, CancellationToken cancel)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = LongestSpec;
        using var body = new StreamReader(context.Request.Body);
        return await body.ReadToEndAsync(cancel);
    }

    private static async Task<IResult> SubmitAsync(HttpContext context, IExperimentDesk desk, ApiReader reader, string name, string? file, string? user, CancellationToken cancel)
    {
        var isNew = await desk.SubmitAsync(new SpecUpload(name, file ?? $"{name}.yaml", await BodyAsync(context, cancel), user));
        return Json(await reader.ExperimentAsync(name), ApiJson.Default.ExperimentInfo, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static Task<IResult> DoAsync(Func<ImmutableArray<string>, Task> act, ImmutableArray<string> runs) => AcceptAsync(act(runs));

    private static async Task<IResult> AcceptAsync(Task act)
    {
        await act;
        return Results.StatusCode(StatusCodes.Status202Accepted);
    }

    private static IResult LogsAsync(IExperimentDesk desk, ApiReader reader, string experiment, string run, string? rank, string? follow, CancellationToken cancel)
    {
        reader.Known(experiment, run);
        if (!bool.TryParse(follow ?? bool.FalseString, out var follows))
            throw ApiException.BadRequest($"follow is true or false, not \"{follow}\".");
        var log = new RunLogStream(desk.FolderOf(experiment).Run(run), Number("rank", rank), () => reader.IsOverAsync(experiment, run));
        return Results.Stream(body => log.WriteAsync(body, follows, cancel), "text/plain; charset=utf-8");
    }

    private static int? Number(string name, string? text) => text switch
    {
        null => null,
        _ when int.TryParse(text, out var number) && number >= 0 => number,
        _ => throw ApiException.BadRequest($"{name} is a number from 0 on, not \"{text}\"."),
    };

    private static async ValueTask<object?> TellProblems(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (ApiException refused)
        {
            return Problem(refused.Problem);
        }
        catch (BadHttpRequestException malformed)
        {
            return Problem(new ApiProblem("Bad request", malformed.StatusCode, malformed.Message, []));
        }
    }

    private static IResult Problem(ApiProblem problem) => Results.Json(problem, ApiJson.Default.ApiProblem, ProblemType, problem.Status);

    private static IResult Json<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) => Results.Json(value, type, statusCode: status);
}
