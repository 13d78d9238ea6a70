using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace JointFusion.Dashboard;

/// <summary>What the API tells of one run beyond its state: history, plan, lineage, checkpoints, curves.</summary>
internal static class RunDetailApi
{
    private const int MostEvents = 1000, UsualEvents = 500;

    /// <param name="run">Of the path /runs/EXPERIMENT/RUN.</param>
    public static void MapRunDetails(this IEndpointRouteBuilder run)
    {
        run.MapGet("/events", async (IExperimentDesk desk, ApiReader reader, string experiment, string run, string? after, string? limit, CancellationToken cancel) =>
            ServerApi.Json(
                await desk.Archive.EventsAsync(reader.Known(experiment, run), ApiNumber.Of("after", after) ?? 0, Math.Clamp(ApiNumber.Of("limit", limit) ?? UsualEvents, 1, MostEvents), cancel),
                ApiJson.Default.ImmutableArrayRunHappening)).Tells<ImmutableArray<RunHappening>>("What happened to the run and why, in order.");
        run.MapGet("/checkpoints", async (IExperimentDesk desk, ApiReader reader, string experiment, string run) =>
        {
            reader.Known(experiment, run);
            return ServerApi.Json(await desk.Archive.CheckpointsAsync(experiment, run), ApiJson.Default.ImmutableArrayCheckpointInfo);
        }).Tells<ImmutableArray<CheckpointInfo>>("Its checkpoints on disk, newest first, by manifests and sizes.");
        run.MapGet("/lineage", (IExperimentDesk desk, ApiReader reader, string experiment, string run) =>
        {
            reader.Known(experiment, run);
            return ServerApi.Json(desk.Archive.Lineage(experiment, run), ApiJson.Default.RunLineage);
        }).Tells<RunLineage>("Where it begins, the hashes of what decides its result, and what began where it had come to.");
        run.MapGet("/plan", (IExperimentDesk desk, ApiReader reader, string experiment, string run) =>
        {
            reader.Known(experiment, run);
            return Results.Bytes(File.ReadAllBytes(desk.FolderOf(experiment).Run(run).Plan), "application/json"); // As it is on disk, byte by byte: its hashes are of this.
        }).Tells("Its plan.json: every derived value, science hash, plan hash.", "application/json");
        run.MapGet("/metrics", MetricsAsync).Tells<RunSeries>("Curves of its metrics, thinned here to true points; without the name of a metric, the latest steps.");
    }

    /// <summary>With names of metrics their curves over the whole run or a part of it; without, the latest steps with what is usually looked at.</summary>
    private static async Task<IResult> MetricsAsync(
        ApiReader reader, IExperimentDesk desk, MetricShelf shelf, string experiment, string run, string[] metric, string? from, string? to, string? points, string? since, CancellationToken cancel)
    {
        var name = reader.Known(experiment, run);
        if (metric.Length == 0)
            return ServerApi.Json(reader.Metrics(experiment, run, ApiNumber.Of("since", since) ?? 0), ApiJson.Default.RunMetrics);
        var range = new StepRange(ApiNumber.Of("from", from) ?? 1, ApiNumber.Of("to", to) ?? int.MaxValue);
        var wanted = ApiNumber.Of("points", points) ?? MetricShelf.UsualPoints;
        if (wanted is < MetricShelf.FewestPoints or > MetricShelf.MostPoints)
            throw ApiException.BadRequest($"points is from {MetricShelf.FewestPoints} to {MetricShelf.MostPoints}, not {wanted}.");
        string[] names = [.. metric.SelectMany(each => each.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct()];
        return ServerApi.Json(await shelf.SeriesAsync(name, desk.FolderOf(experiment).Run(run), names, range, wanted, cancel), ApiJson.Default.RunSeries);
    }
}
