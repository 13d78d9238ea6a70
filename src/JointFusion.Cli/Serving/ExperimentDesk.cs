using System.Collections.Immutable;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Takes experiments for a coordinator: plans them, makes their folders, queues their runs.</summary>
/// <param name="roots">What specs may read.</param>
/// <param name="cores">Of each machine of the cluster, which a plan divides among the workers of one.</param>
internal sealed class ExperimentDesk(
    ServedExperiments store, CoordinatorClient coordinator, ClusterInfo cluster, DataRoots roots, IDataCatalog data, int cores) : IExperimentDesk, IDisposable
{
    private readonly SemaphoreSlim one = new(1);

    public ClusterInfo Cluster => cluster;

    public IReadOnlyList<(string Name, ImmutableArray<string> Runs)> Experiments => [.. store.All.Select(experiment => (experiment.Name, experiment.Runs))];

    public async Task<LiveCluster> SnapshotAsync() => ClusterLiveFeed.View(await Asked(coordinator.Snapshot()));

    public ExperimentFolder FolderOf(string experiment) => store.FolderOf(experiment);

    public string? OwnerOf(string experiment) => store.Find(experiment)?.Orders.FirstOrDefault()?.User;

    public async Task<bool> SubmitAsync(SpecUpload upload)
    {
        await one.WaitAsync();
        try
        {
            var known = store.Find(upload.Name);
            if (known is not null && await File.ReadAllTextAsync(known.Folder.Spec) != upload.Yaml)
            {
                throw new ApiException(
                    409, "The name is taken", $"The experiment \"{upload.Name}\" has another spec. Give another name, or submit the spec that it was begun with: {known.Folder.Spec}");
            }
            await QueueAsync(known ?? await BeginAsync(upload));
            return known is null;
        }
        finally
        {
            one.Release();
        }
    }

    /// <summary>Queues what a server that died had taken and not queued yet; for the others it changes nothing.</summary>
    /// <exception cref="ApiException">The coordinator is away.</exception>
    public async Task QueueAllAsync()
    {
        foreach (var experiment in store.All)
            await QueueAsync(experiment);
    }

    public Task PauseAsync(ImmutableArray<string> runs, string by) => Asked(coordinator.Stop(runs, by));

    public Task CancelAsync(ImmutableArray<string> runs, string by) => Asked(coordinator.Cancel(runs, by));

    public Task ResumeAsync(ImmutableArray<string> runs, string by) => Asked(coordinator.Resume(runs, by));

    public Task DrainAsync(string node, bool drain, string by) => Asked(coordinator.Drain(node, drain, by));

    public Task ReleaseAsync(string node, int slot, string by) => Asked(coordinator.Release(new SlotAddress(node, slot), by));

    public void Dispose() => one.Dispose();

    private async Task<ServedExperiment> BeginAsync(SpecUpload upload)
    {
        if (store.FaultOf(upload.Name) is { } fault)
            throw ApiException.BadRequest(fault);
        // Building a data set takes minutes of computing, which the pool's threads, and so the cluster's heartbeats, must not wait for.
        var planned = await Task.Factory.StartNew(() => Plan(upload), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return store.Create(upload.Name, upload.Yaml, upload.User, planned);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new ApiException(503, "The disk refuses", $"{refused.Message} Nothing was begun; make room below {store.Root} and repeat the request.");
        }
    }

    private PlannedExperiment Plan(SpecUpload upload)
    {
        try
        {
            return SpecPlanner.Plan(SpecLoader.Parse(upload.Yaml, upload.File, roots), upload.File, data, cores);
        }
        catch (BadInputException faults)
        {
            ImmutableArray<string> lines = [.. faults.Message.Split(Environment.NewLine)];
            throw new ApiException(400, "The spec has faults", $"{lines.Length} {(lines.Length == 1 ? "fault" : "faults")} in {upload.File}. Nothing was begun.", lines);
        }
    }

    private async Task QueueAsync(ServedExperiment experiment)
    {
        foreach (var order in experiment.Orders)
            await Asked(coordinator.Submit(order));
    }

    private static async Task<T> Asked<T>(Task<T> question)
    {
        await Asked((Task)question);
        return await question;
    }

    private static async Task Asked(Task question)
    {
        try
        {
            await question;
        }
        catch (CoordinatorAwayException away)
        {
            throw ApiException.Away(away.Message);
        }
    }
}
