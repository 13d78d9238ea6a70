using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>What the state asks of a node: the one effect there is, derived anew each time, so that a repeated or lost one does no harm. Pure.</summary>
public static class NodePlanner
{
    public static NodeOrders OrdersFor(ClusterState state, string node, AttemptSecrets secrets)
    {
        var sharing = new StageSharing(state.Runs, state.Sweeps);
        return new(node, [.. state.Runs.PlacedOn(node).SelectMany(run => OrdersOf(run, run.Attempt!, node, secrets, sharing))]);
    }

    /// <summary>The nodes whose orders may have changed.</summary>
    public static IEnumerable<string> NodesConcerned(ClusterState before, ClusterState after, IEnumerable<IClusterStateEvent> events) => events
        .OfType<RunEvent>()
        .Where(change => change is not (RankPhaseChanged or RankPulsed or RankWarned or StepTaken))
        .Select(change => change.Run)
        .Distinct()
        .SelectMany(run => new[] { before.Find(run), after.Find(run) })
        .SelectMany(run => run?.Attempt?.Ranks ?? [])
        .Select(rank => rank.Slot.Node)
        .Distinct();

    /// <summary>What the run's ranks there have in common is made once.</summary>
    private static IEnumerable<SlotOrder> OrdersOf(RunRecord run, Attempt attempt, string node, AttemptSecrets secrets, StageSharing sharing)
    {
        var first = new ReplicaOrder(run.Name, run.Generation, run.Order.RunFolder, 0, attempt.Ranks.Length, attempt.ResumeStep, IsOnOneNode(attempt), run.NextRung, attempt.Start);
        var assignment = attempt.IsFormed
            ? new RankAssignment(run.Name, run.Generation, 0, [.. attempt.Ranks.Select(peer => peer.Endpoint!)], secrets.Of(run.Name, run.Generation))
            : null;
        var letGo = sharing.LetGo(run);
        return from rank in run.LiveRanks
               where rank.State.Slot.Node == node
               select new SlotOrder(
                   rank.State.Slot.Slot, first with { Rank = rank.Number }, assignment is null ? null : assignment with { Rank = rank.Number }, EndingOf(run, attempt), run.Checkpoint)
               { LetGo = letGo };
    }

    private static bool IsOnOneNode(Attempt attempt) => attempt.Ranks.All(rank => rank.Slot.Node == attempt.Ranks[0].Slot.Node);

    private static Ending EndingOf(RunRecord run, Attempt attempt)
    {
        if (attempt.Cause is not null)
            return Ending.Abort;
        return run.Stop switch
        {
            null => Ending.None,
            StopPurpose.Cancel => Ending.Abort,
            _ => Ending.Stop,
        };
    }
}
