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
    private const string Text = "text/plain";

    public static void MapServerApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("ok")).Tells("Answers while the server serves.", Text);
        routes.MapGet("/metrics", async (ServerMetrics metrics, CancellationToken cancel) => Results.Text(await metrics.WriteAsync(cancel), PrometheusText.MediaType))
            .Tells("What Prometheus collects.", Text);
        routes.MapOpenApi("/openapi/{documentName}.json");
        var api = routes.MapGroup("/api/v1").AddEndpointFilter<ApiGate>();
        api.MapGet("/cluster", (IExperimentDesk desk, string? node, string? version, int? protocol) =>
            Json(Membership.PlaceFor(desk.Cluster, node, version, protocol), ApiJson.Default.ClusterInfo)).Tells<ClusterInfo>("Where the coordinator is, for agents that join.");
        MapExperiments(api);
        MapNodes(api);
        MapSweeps(api);
        MapRuns(api);
        api.MapFallback("{**path}", IResult (HttpContext context) => throw ApiException.NotFound($"{context.Request.Method} {context.Request.Path} is not part of this API."))
            .ExcludeFromDescription();
    }

    private static void MapExperiments(RouteGroupBuilder api)
    {
        api.MapGet("/experiments", async (ApiReader reader) => Json(await reader.ExperimentsAsync(), ApiJson.Default.ImmutableArrayExperimentInfo))
            .Tells<ImmutableArray<ExperimentInfo>>("All experiments, the oldest first.");
        api.MapPut("/experiments/{name}", SubmitAsync).Demand(ApiRole.Submitter, "submit").TakesSpec("The spec.")
            .Makes<ExperimentInfo>("Plans a spec and queues its runs. The first one of a data set answers when that is built.");
        api.MapGet("/experiments/{name}", async (ApiReader reader, string name) => Json(await reader.ExperimentAsync(name), ApiJson.Default.ExperimentInfo))
            .Tells<ExperimentInfo>("An experiment and its runs.");
        api.MapRunCommands();
    }

    private static void MapRuns(RouteGroupBuilder api)
    {
        api.MapGet("/runs", async (ApiReader reader) => Json(await reader.RunsAsync(), ApiJson.Default.ImmutableArrayRunStatus))
            .Tells<ImmutableArray<RunStatus>>("All runs, in submission order.");
        var run = api.MapGroup("/runs/{experiment}/{run}");
        run.MapGet("", async (ApiReader reader, string experiment, string run) => Json(await reader.RunAsync(experiment, run), ApiJson.Default.RunInfo))
            .Tells<RunInfo>("A run and what its ranks do.");
        run.MapRunDetails();
        run.MapGet("/logs", LogsAsync).Tells("What its ranks said, over all attempts.", Text);
        run.MapPut("/forks/{name}", ForkAsync).Demand(ApiRole.Submitter, "fork").TakesSpec("Another spec: its run of the same name begins there, or, if it has none, all of its runs do. None: as it was.", isRequired: false)
            .Makes<ExperimentInfo>("Begins a new experiment at a checkpoint of the run, whoever's that is.");
    }

    private static void MapNodes(RouteGroupBuilder api)
    {
        api.MapGet("/nodes", async (IExperimentDesk desk) => Json((await desk.SnapshotAsync()).Nodes, ApiJson.Default.ImmutableArrayLiveNode))
            .Tells<ImmutableArray<LiveNode>>("The nodes that have joined, and what their workers do.");
        var node = api.MapGroup("/nodes/{node}");
        MapDrain("drain", drain: true, "Gives the node no new ranks; its runs take a checkpoint and go elsewhere.");
        MapDrain("undrain", drain: false, "Gives runs to a drained node again.");
        node.MapPost("/workers/{slot:int}/release", async (HttpContext context, ApiReader reader, IExperimentDesk desk, string node, int slot) =>
            await AcceptAsync(desk.ReleaseAsync(await reader.NodeAsync(node, slot), slot, context.Caller().Name))).Demand(ApiRole.Admin, "release").Does("Ends a worker's quarantine.");

        void MapDrain(string command, bool drain, string summary) => node.MapPost($"/{command}", async (HttpContext context, ApiReader reader, IExperimentDesk desk, string node) =>
            await AcceptAsync(desk.DrainAsync(await reader.NodeAsync(node), drain, context.Caller().Name))).Demand(ApiRole.Admin, command).Does(summary);
    }

    private static void MapSweeps(RouteGroupBuilder api)
    {
        api.MapGet("/sweeps", async (ApiReader reader) => Json(await reader.SweepsAsync(), ApiJson.Default.ImmutableArraySweepInfo))
            .Tells<ImmutableArray<SweepInfo>>("All sweeps, the oldest first.");
        api.MapGet("/sweeps/{sweep}", async (ApiReader reader, string sweep) => Json(await reader.SweepAsync(sweep), ApiJson.Default.SweepInfo))
            .Tells<SweepInfo>("A sweep and what its runs were measured at.");
        api.MapPut("/sweeps/{sweep}", ExtendAsync).Demand(ApiRole.Submitter, "extend").TakesSpec("The sweep's spec with more to it.").Tells<SweepInfo>("Adds runs to a sweep.");
    }

    private static async Task<IResult> ExtendAsync(HttpContext context, IExperimentDesk desk, ApiReader reader, string sweep, string? file, CancellationToken cancel)
    {
        await reader.SweepAsync(sweep);
        if (desk.OwnerOf(sweep) is var owner && !context.Caller().MayCommand(owner))
            throw new ApiException(403, "Not allowed", $"\"{sweep}\" is {owner}'s: to extend it takes {owner}'s token or an admin's, and \"{context.Caller().Name}\" is a submitter.");
        await desk.ExtendAsync(new SpecUpload(sweep, file ?? $"{sweep}.yaml", await BodyAsync(context, cancel), owner));
        return Json(await reader.SweepAsync(sweep), ApiJson.Default.SweepInfo);
    }

    private static async Task<string> BodyAsync(HttpContext context, CancellationToken cancel)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = LongestSpec;
        using var body = new StreamReader(context.Request.Body);
        return await body.ReadToEndAsync(cancel);
    }

    private static async Task<IResult> SubmitAsync(HttpContext context, IExperimentDesk desk, ApiReader reader, string name, string? file, CancellationToken cancel)
    {
        var isNew = await desk.SubmitAsync(new SpecUpload(name, file ?? $"{name}.yaml", await BodyAsync(context, cancel), context.Caller().Name));
        return Json(await reader.ExperimentAsync(name), ApiJson.Default.ExperimentInfo, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    /// <summary>Whoever may submit may begin where another's run has come to: that run is not touched.</summary>
    private static async Task<IResult> ForkAsync(
        HttpContext context, IExperimentDesk desk, ApiReader reader, string experiment, string run, string name, string? checkpoint, string? file, CancellationToken cancel)
    {
        reader.Known(experiment, run);
        var yaml = await BodyAsync(context, cancel);
        var isNew = await desk.ForkAsync(new RunFork(
            name, experiment, run, ApiNumber.Of("checkpoint", checkpoint), file ?? $"{name}.yaml", string.IsNullOrWhiteSpace(yaml) ? null : yaml, context.Caller().Name));
        return Json(await reader.ExperimentAsync(name), ApiJson.Default.ExperimentInfo, isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

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
        var log = new RunLogStream(desk.FolderOf(experiment).Run(run), ApiNumber.Of("rank", rank), () => reader.IsOverAsync(experiment, run));
        return Results.Stream(body => log.WriteAsync(body, follows, cancel), "text/plain; charset=utf-8");
    }

    public static IResult Json<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) => Results.Json(value, type, statusCode: status);
}
