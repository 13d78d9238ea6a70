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
        Repeat(plan.UserCancel, CancelARun);
        Repeat(plan.Drain, DrainANode);
        Repeat(plan.Release, () => cluster.Command(new ReleaseSlot(new(ANode().Name, cluster.Below(plan.SlotsPerNode)))));
        for (var bad = 0; bad < plan.BadSlots; bad++)
            ANode().Spoil(cluster.Below(plan.SlotsPerNode));
    }

    private void CancelARun()
    {
        var open = cluster.Open.ToList();
        if (open.Count == 0)
            return;
        var run = open[cluster.Below(open.Count)].Name;
        if (cluster.Chance(0.5))
        {
            cluster.Abandon(run);
            Cancel(run);
        }
        else
        {
            cluster.Command(new CancelRuns([run]));
            cluster.Time.After(cluster.Between(0, 20), () => Resume(run));
        }
    }

    /// <summary>For good, by a user who looks again: another's command to resume it may have been under way.</summary>
    private void Cancel(string run)
    {
        cluster.Command(new CancelRuns([run]));
        if (!cluster.IsOver)
            cluster.Time.After(cluster.Between(20, 40), () => Cancel(run));
    }

    private void DrainANode()
    {
        var node = ANode().Name;
        cluster.Command(new DrainNode(node));
        cluster.Time.After(cluster.Between(10, 120), () => cluster.Command(new UndrainNode(node)));
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
        if (cluster.IsAbandoned(run))
            return;
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
