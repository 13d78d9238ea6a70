using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <summary>Whether those that a decision placed overtook one that still waits and could have used their slots. Knows the rules, not how the scheduler follows them.</summary>
internal sealed class FairnessJudge(ClusterLimits limits, DateTimeOffset now, ClusterState before, ClusterState after)
{
    private readonly Dictionary<string, int> indices = after.Runs.Select((run, index) => (run.Name, index)).ToDictionary(run => run.Name, run => run.index);

    private readonly Dictionary<string, int> held = after.Runs.Placed.GroupBy(UserOf).ToDictionary(user => user.Key, user => user.Sum(run => run.LiveRanks.Count()));

    /// <param name="started">In the order of their placement.</param>
    /// <returns>Null: nobody was overtaken.</returns>
    public string? Complaint(IReadOnlyList<AttemptStarted> started)
    {
        var waiting = after.Runs.Waiting.Where(run => !(run.RetryAt > now) && run.Order.Workers <= after.Nodes.Capacity(run.Order)).ToList();
        var heads = waiting.GroupBy(run => (UserOf(run), run.Order.Priority)).Select(line => line.MinBy(run => indices[run.Name])!.Name).ToHashSet();
        foreach (var attempt in started)
        {
            var placed = before.Find(attempt.Run) ?? after.Find(attempt.Run)!;
            var isUsersLast = started.Last(other => UserOf(after.Find(other.Run)!) == UserOf(placed)) == attempt;
            foreach (var passed in waiting.Where(run => attempt.Slots.Any(slot => after.Nodes.Nodes[slot.Node].Has(run.Order.Labels))))
                if (Reason(placed, passed, heads.Contains(passed.Name), isUsersLast) is { } reason)
                    return $"{passed.Name} was overtaken by {placed.Name}, {reason}";
        }
        return null;
    }

    private string? Reason(RunRecord placed, RunRecord passed, bool isHead, bool isUsersLast)
    {
        if (passed.Order.Priority != placed.Order.Priority)
            return passed.Order.Priority > placed.Order.Priority ? "whose priority is lower" : null;
        if (UserOf(passed) == UserOf(placed))
            return indices[passed.Name] < indices[placed.Name] ? "which the same user submitted later" : null;
        if (!isHead || (HasWaitedLong(placed) && indices[placed.Name] < indices[passed.Name]))
            return null;
        if (HasWaitedLong(passed))
            return "though it had waited for long";
        var heldBefore = held[UserOf(placed)] - placed.Order.Workers;
        return !HasWaitedLong(placed) && isUsersLast && heldBefore > held.GetValueOrDefault(UserOf(passed)) ? "whose user held more" : null;
    }

    private bool HasWaitedLong(RunRecord run) => run.Since <= now - limits.FairWait;

    private static string UserOf(RunRecord run) => run.Order.User ?? "";
}
