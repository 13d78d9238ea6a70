using System.Collections.Immutable;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Takes experiments for a coordinator: plans them, makes their folders, queues their runs.</summary>
/// <param name="roots">What specs may read.</param>
/// <param name="cores">Of each machine of the cluster, which a plan divides among the workers of one.</param>
/// <param name="journal">The coordinator's.</param>
internal sealed class ExperimentDesk(
    ServedExperiments store, CoordinatorClient coordinator, ClusterInfo cluster, IRetrievers retrievers, DataRoots roots, IDataCatalog data, int cores, JournalPlace journal) : IExperimentDesk, IDisposable
{
    private readonly SemaphoreSlim one = new(1);

    public ClusterInfo Cluster => cluster;

    public IRetrievers Retrievers => retrievers;

    public IRunArchive Archive { get; } = new RunArchive(store, journal);

    public IReadOnlyList<(string Name, ImmutableArray<string> Runs)> Experiments => [.. store.All.Select(experiment => (experiment.Name, experiment.Runs))];

    public async Task<LiveCluster> SnapshotAsync() => ClusterLiveFeed.View(await Asked(coordinator.Snapshot()));

    public ExperimentFolder FolderOf(string experiment) => store.FolderOf(experiment);

    public string? OwnerOf(string experiment) => store.Find(experiment)?.Orders.FirstOrDefault()?.User;

    public ImmutableArray<SpecFault> Check(SpecUpload upload) => SpecLoader.Parse(upload.Yaml, upload.File, roots).Faults;

    public async Task<PlanPreview> PreviewAsync(SpecUpload upload)
    {
        var planned = await PlanAsync(upload);
        return new PlanPreview(planned.Runs, planned.Swept.ToImmutableDictionary(run => run.Run, run => run.Values), planned.Notes);
    }

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
            if (known is { IsFork: true })
                throw new ApiException(409, "The name is taken", $"The experiment \"{upload.Name}\" was forked from another one's checkpoint. Give another name.");
            await QueueAsync(known ?? await BeginAsync(upload));
            return known is null;
        }
        finally
        {
            one.Release();
        }
    }

    public async Task<bool> ForkAsync(RunFork fork)
    {
        await one.WaitAsync();
        try
        {
            var source = ForkRequest.Of(store, fork);
            var known = store.Find(fork.Name);
            if (known is not null && !source.Made(known))
                throw new ApiException(409, "The name is taken", $"The experiment \"{fork.Name}\" is another one. Give another name.");
            await QueueAsync(known ?? await BeginAsync(source));
            return known is null;
        }
        finally
        {
            one.Release();
        }
    }

    public async Task<ImmutableArray<LiveSweep>> SweepsAsync()
    {
        var byName = (await Asked(coordinator.Snapshot())).Sweeps.ToDictionary(sweep => sweep.Order.Sweep, StringComparer.Ordinal);
        return
        [
            .. from experiment in store.All
               where byName.ContainsKey(experiment.Name)
               let sweep = byName[experiment.Name]
               select new LiveSweep(
                   experiment.Name, sweep.UsedHours, sweep.Order.DeviceHours, sweep.Order.Reduction,
                   sweep.Runs.ToImmutableDictionary(run => run.Run, run => run.Rungs.Select(rung => new RungInfo(rung.Step, rung.Metric, rung.Value)).ToImmutableArray())),
        ];
    }

    public async Task ExtendAsync(SpecUpload upload)
    {
        await one.WaitAsync();
        try
        {
            var known = store.Find(upload.Name) ?? throw ApiException.NotFound($"No sweep \"{upload.Name}\": `jf sweep ls` lists them.");
            var planned = await PlanAsync(upload);
            ImmutableArray<string> faults = [.. SweepExtension.Faults(known.Plans(), upload.File, planned)];
            if (!faults.IsEmpty)
                throw new ApiException(400, "The spec does not extend the sweep", $"{upload.File} is not {upload.Name} with more to it. Nothing was changed.", faults);
            await QueueAsync(Written(() => store.Extend(known, upload.Yaml, planned)));
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

    public Task PrioritiseAsync(ImmutableArray<string> runs, int priority, string by) => Asked(coordinator.Prioritise(runs, priority, by));

    public Task DrainAsync(string node, bool drain, string by) => Asked(coordinator.Drain(node, drain, by));

    public Task ReleaseAsync(string node, int slot, string by) => Asked(coordinator.Release(new SlotAddress(node, slot), by));

    public void Dispose() => one.Dispose();

    private async Task<ServedExperiment> BeginAsync(SpecUpload upload)
    {
        if (store.FaultOf(upload.Name) is { } fault)
            throw ApiException.BadRequest(fault);
        var planned = await PlanAsync(upload);
        return Written(() => store.Create(upload.Name, upload.Yaml, upload.User, planned));
    }

    private async Task<ServedExperiment> BeginAsync(ForkRequest source)
    {
        var upload = source.Upload;
        if (store.FaultOf(upload.Name) is { } fault)
            throw ApiException.BadRequest(fault);
        return await ApartAsync(() => Written(() =>
        {
            var forked = source.Forked(Plan(upload));
            return store.Create(upload.Name, upload.Yaml, upload.User, forked.Planned, source.Copying(forked));
        }));
    }

    private ServedExperiment Written(Func<ServedExperiment> write)
    {
        try
        {
            return write();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new ApiException(503, "The disk refuses", $"{refused.Message} Nothing was begun; make room below {store.Root} and repeat the request.");
        }
    }

    /// <summary>Building a data set takes minutes of computing, which the pool's threads, and so the cluster's heartbeats, must not wait for.</summary>
    private Task<PlannedExperiment> PlanAsync(SpecUpload upload) => ApartAsync(() => Plan(upload));

    private static Task<T> ApartAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

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
        if (experiment.Sweep is not null)
            await Asked(coordinator.SubmitSweep(experiment.Sweep));
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
