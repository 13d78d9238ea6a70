using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>Answers the API's questions: the cluster's state of this moment, joined with the steps that the live board has.</summary>
internal sealed class ApiReader(IExperimentDesk desk, LiveBoard board)
{
    public async Task<ImmutableArray<RunStatus>> RunsAsync() => board.Status((await desk.SnapshotAsync()).Runs);

    public async Task<ImmutableArray<ExperimentInfo>> ExperimentsAsync()
    {
        var byName = (await RunsAsync()).ToDictionary(run => run.Name, StringComparer.Ordinal);
        return [.. desk.Experiments.Select(experiment => Info(experiment.Name, experiment.Runs, byName))];
    }

    /// <exception cref="ApiException">There is no such experiment.</exception>
    public async Task<ExperimentInfo> ExperimentAsync(string name)
    {
        var runs = RunsOf(name);
        return Info(name, runs, (await RunsAsync()).ToDictionary(run => run.Name, StringComparer.Ordinal));
    }

    public async Task<ImmutableArray<SweepInfo>> SweepsAsync()
    {
        var sweeps = await desk.SweepsAsync();
        var byName = (await RunsAsync()).ToDictionary(run => run.Name, StringComparer.Ordinal);
        return [.. sweeps.Select(sweep => Info(sweep, byName))];
    }

    /// <exception cref="ApiException">There is no such sweep.</exception>
    public async Task<SweepInfo> SweepAsync(string name) => (await SweepsAsync()).FirstOrDefault(sweep => sweep.Name == name) ?? throw NoSweep(name);

    /// <exception cref="ApiException">There is no such run.</exception>
    public async Task<RunInfo> RunAsync(string experiment, string run)
    {
        var name = Known(experiment, run);
        var cluster = await desk.SnapshotAsync();
        var status = board.Status(cluster.Runs.Where(known => known.Name == name));
        if (status.IsEmpty)
            throw Unknown(name);
        var ranks =
            from node in cluster.Nodes
            from worker in node.Workers
            where worker.Run == name && worker.Rank is not null
            orderby worker.Rank
            select new RankInfo(worker.Rank.GetValueOrDefault(), node.Name, worker.Slot, worker.Pid, worker.Phase, worker.Detail);
        return new RunInfo(status[0], [.. ranks]);
    }

    /// <summary>While the coordinator is away, nothing is known to be over.</summary>
    public async Task<bool> IsOverAsync(string experiment, string run)
    {
        try
        {
            var info = await RunAsync(experiment, run);
            return info.Run.State.IsTerminal();
        }
        catch (ApiException away) when (away.Problem.Status == 503)
        {
            return false;
        }
    }

    /// <param name="slot">One of its workers; null: any.</param>
    /// <returns>Its name.</returns>
    /// <exception cref="ApiException">There is no such node, or no such worker of it.</exception>
    public async Task<string> NodeAsync(string name, int? slot = null)
    {
        var nodes = (await desk.SnapshotAsync()).Nodes;
        var node = nodes.FirstOrDefault(node => node.Name == name) ?? throw ApiException.NotFound($"No node \"{name}\": `jf node ls` lists them.");
        return slot is null || node.Workers.Any(worker => worker.Slot == slot)
            ? node.Name
            : throw ApiException.NotFound($"Node \"{name}\" has no worker {slot}: `jf node ls` lists them.");
    }

    /// <exception cref="ApiException">There is no such run.</exception>
    public RunMetrics Metrics(string experiment, string run, int since)
    {
        var name = Known(experiment, run);
        return new RunMetrics(name, board.Metrics(name, since) ?? []);
    }

    /// <exception cref="ApiException">There is no such experiment.</exception>
    public ImmutableArray<string> RunsOf(string experiment)
    {
        foreach (var (name, runs) in desk.Experiments)
            if (name == experiment)
                return runs;
        throw ApiException.NotFound($"No experiment \"{experiment}\": `jf status` lists them.");
    }

    /// <returns>The name that the cluster has for it.</returns>
    /// <exception cref="ApiException">There is no such run.</exception>
    public string Known(string experiment, string run)
    {
        var name = $"{experiment}/{run}";
        return RunsOf(experiment).Contains(name) ? name : throw Unknown(name);
    }

    private ExperimentInfo Info(string name, ImmutableArray<string> runs, Dictionary<string, RunStatus> byName)
    {
        ImmutableArray<RunStatus> known = [.. runs.Where(byName.ContainsKey).Select(run => byName[run])];
        var folder = desk.FolderOf(name);
        return new ExperimentInfo(
            name, ExperimentInfo.StateOf(known), folder.Path, File.Exists(folder.Results) ? folder.Results : null, File.Exists(folder.Report) ? folder.Report : null, known);
    }

    private SweepInfo Info(LiveSweep sweep, Dictionary<string, RunStatus> byName)
    {
        ImmutableArray<RunStatus> runs = [.. RunsOf(sweep.Name).Where(byName.ContainsKey).Select(run => byName[run])];
        return new SweepInfo(
            sweep.Name, ExperimentInfo.StateOf(runs), sweep.UsedHours, sweep.DeviceHours, sweep.Reduction,
            [.. runs.Select(run => new SweepRunInfo(run, sweep.Rungs.GetValueOrDefault(run.Name, [])))]);
    }

    private static ApiException NoSweep(string name) => ApiException.NotFound($"No sweep \"{name}\": `jf sweep ls` lists them.");

    private static ApiException Unknown(string name) => ApiException.NotFound($"No run \"{name}\": `jf status` lists them.");
}
