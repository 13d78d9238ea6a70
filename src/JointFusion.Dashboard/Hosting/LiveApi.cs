using JointFusion.Experiments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace JointFusion.Dashboard;

/// <summary>The versioned HTTP/JSON API beside the live page, in the same snake_case as every file.</summary>
internal static class LiveApi
{
    public static void MapLiveApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", Health);
        var api = routes.MapGroup("/api/v1");
        api.MapGet("/cluster", (LiveBoard board) => Json(new ClusterAnswer(board.Current)));
        api.MapGet("/runs", (LiveBoard board) => Json(board.Current.Runs));
        api.MapGet("/runs/{name}/metrics", Metrics);
    }

    private static IResult Health(LiveBoard board) => board.Current.Fault is { } fault
        ? Json(new { status = "failed", reason = fault }, StatusCodes.Status503ServiceUnavailable)
        : Json(new { status = "ok" });

    private static IResult Metrics(LiveBoard board, string name, string? since)
    {
        var after = 0;
        if (since is not null && !int.TryParse(since, out after))
            return Json(new { error = $"since is a step number, not \"{since}\"." }, StatusCodes.Status400BadRequest);
        return board.Metrics(name, after) is { } points
            ? Json(new { run = name, points })
            : Json(new { error = $"No run \"{name}\"; see /api/v1/runs." }, StatusCodes.Status404NotFound);
    }

    private static IResult Json<T>(T value, int status = StatusCodes.Status200OK) => Results.Json(value, JointFusionJson.Line, statusCode: status);

    private sealed record ClusterAnswer(string Experiment, IReadOnlyList<LiveNode> Nodes, DateTimeOffset At, string? Fault, bool Ended)
    {
        public ClusterAnswer(LiveView view)
            : this(view.Experiment, view.Nodes, view.At, view.Fault, view.Ended)
        {
        }
    }
}
