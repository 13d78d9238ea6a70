using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <summary>Everything that goes wrong in a simulated cluster until its runs have ended, and what users do meanwhile.</summary>
internal sealed class SimulatedFaults(SimulatedCluster cluster, SimulationPlan plan)
{
    public int Count { get; private set; }

    public void Begin()
    {
        Repeat(plan.WorkerCrash, () => ANode().CrashWorker(cluster.Below(plan.SlotsPerNode), "it was killed"));
        Repeat(plan.Partition, CutOff);
        Repeat(plan.AgentRestart, () =>
        {
            var node = ANode();
            if (!node.IsUp)
                return;
            node.Restart(cluster.Between(1, 40));
            cluster.WatchOut(node);
        });
        Repeat(plan.CoordinatorRestart, () => cluster.RestartCoordinator(cluster.Between(1, 20)));
        Repeat(plan.UserStop, StopARun);
    }

    private void CutOff()
    {
        var node = ANode();
        if (node.IsCutOff)
            return;
        node.IsCutOff = true;
        cluster.WatchOut(node);
        cluster.Time.After(cluster.Between(1, 60), () => node.IsCutOff = false);
    }

    private void StopARun()
    {
        var running = cluster.Underway.ToList();
        if (running.Count == 0)
            return;
        var run = running[cluster.Below(running.Count)].Name;
        cluster.Command(new StopRuns([run]));
        cluster.Time.After(cluster.Between(5, 20), () => Resume(run));
    }

    /// <summary>By a user who looks again until it goes on: a run still on its way to a stop can't be resumed yet.</summary>
    private void Resume(string run)
    {
        cluster.Command(new ResumeRuns([run]));
        if (!cluster.IsOver)
            cluster.Time.After(cluster.Between(20, 40), () => Resume(run));
    }

    private void Repeat(double meanSeconds, Action fault)
    {
        if (double.IsPositiveInfinity(meanSeconds))
            return;
        cluster.Time.After(cluster.Between(0, 2 * meanSeconds), () =>
        {
            if (cluster.IsOver)
                return;
            Count++;
            fault();
            Repeat(meanSeconds, fault);
        });
    }

    private SimulatedNode ANode() => cluster.Nodes[cluster.Below(plan.Nodes)];
}
