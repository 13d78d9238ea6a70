namespace JointFusion.Dashboard;

/// <summary>What a server tells Prometheus.</summary>
/// <remarks>Series of single runs are those of runs that are under way: those that have ended would pile up.</remarks>
internal sealed class ServerMetrics(IExperimentDesk desk, LiveBoard board, DecisionHistogram decisions)
{
    public async Task<string> WriteAsync(CancellationToken cancel)
    {
        var text = new PrometheusText();
        text.Gauge("jointfusion_build_info", "Version of the server.", new Sample(1, ("version", desk.Cluster.Version)));
        text.Gauge("process_resident_memory_bytes", "Of the server's process.", new Sample(Environment.WorkingSet));
        var (counts, sum) = decisions.Read();
        text.Histogram("jointfusion_decision_seconds", "Time from a command or a node's report to what the coordinator decides on it.", DecisionHistogram.Bounds, counts, sum);
        try
        {
            var cluster = await desk.SnapshotAsync();
            Write(text, cluster);
            Write(text, board.Status(cluster.Runs));
            text.Gauge("jointfusion_journal_bytes", "Room that the journal takes.", new Sample(await desk.Archive.JournalBytesAsync(cancel)));
            text.Gauge("jointfusion_coordinator_up", "0 while the coordinator cannot be asked: runs go on, and what depends on it is left out here.", new Sample(1));
        }
        catch (ApiException)
        {
            text.Gauge("jointfusion_coordinator_up", "0 while the coordinator cannot be asked: runs go on, and what depends on it is left out here.", new Sample(0));
        }
        return text.ToString();
    }

    private static void Write(PrometheusText text, LiveCluster cluster)
    {
        text.Gauge(
            "jointfusion_runs", "Runs by state.",
            Enum.GetValues<LiveRunState>().Select(state => new Sample(cluster.Runs.Count(run => run.State == state), ("state", Name(state)))));
        text.Gauge(
            "jointfusion_queue_length", "Runs that wait to be placed.",
            new Sample(cluster.Runs.Count(run => run.State is LiveRunState.Queued or LiveRunState.Preempted)));
        text.Gauge(
            "jointfusion_slots", "Workers' places by node and what they do.",
            from node in cluster.Nodes.Where(node => !node.IsLost)
            from state in (string[])["idle", "busy", "starting", "quarantined"]
            select new Sample(node.Workers.Count(worker => StateOf(worker) == state), ("node", node.Name), ("state", state)));
        text.Gauge("jointfusion_node_draining", "1 where a node gets no new ranks.", cluster.Nodes.Where(node => !node.IsLost).Select(node => new Sample(node.IsDraining ? 1 : 0, ("node", node.Name))));
        text.Counter("jointfusion_device_hours_total", "That all runs have held workers, those of all ranks added up.", new Sample(cluster.Runs.Sum(run => run.DeviceHours)));
    }

    private static void Write(PrometheusText text, IReadOnlyCollection<RunStatus> runs)
    {
        var live = runs.Where(run => !run.State.IsTerminal()).ToList();
        Each("jointfusion_run_step", "The latest step of a run under way.", run => run.Step);
        Each("jointfusion_run_steps_per_second", "Of a training run, over its latest steps.", StepRate);
        Each("jointfusion_run_pairs_per_second", "Of a training run's latest step.", run => run.PairsPerSecond);
        Each("jointfusion_run_loss", "Of the latest step of a run under way, in nats.", run => run.Loss);
        Each("jointfusion_run_seconds_left", "Of a run's training, at the pace of its latest steps.", run => run.TrainingSecondsLeft);
        Each("jointfusion_run_device_hours", "That a run under way has held workers.", run => run.DeviceHours);
        text.Counter("jointfusion_metrics_missed_total", "Steps whose metrics came faster than they are passed on; the runs' files have them all.", new Sample(runs.Sum(run => (long)run.MissedSteps)));

        void Each(string name, string help, Func<RunStatus, double?> value) => text.Gauge(
            name, help, live.Where(run => value(run) is not null).Select(run => new Sample(value(run)!.Value, ("run", run.Name))));
    }

    private static double? StepRate(RunStatus run) =>
        run is { State: LiveRunState.Training, TotalSteps: { } total, TrainingSecondsLeft: > 0 and var left } ? (total - run.Step) / left : null;

    private static string StateOf(LiveWorker worker) => worker switch
    {
        { Run: not null } => "busy",
        { Phase: "idle" or "quarantined" } => worker.Phase,
        _ => "starting",
    };

    private static string Name(LiveRunState state) => state.ToString().ToLowerInvariant();
}
