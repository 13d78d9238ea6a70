using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <summary>Whether those that a decision placed overtook one that still waits and could have used their slots. Knows the rules, not how the scheduler follows them.</summary>
internal sealed class FairnessJudge(
    ClusterLimits limits, DateTimeOffset now, ClusterState before, ClusterState after, IReadOnlyDictionary<(string User, int Priority), DateTimeOffset> served)
{
    private readonly Dictionary<string, int> held = after.Runs.Placed.GroupBy(UserOf).ToDictionary(user => user.Key, user => user.Sum(run => run.LiveRanks.Count()));

    private readonly StageSharing sharing = new(after.Runs, after.Sweeps);

    /// <param name="started">In the order of their placement.</param>
    /// <returns>Null: nobody was overtaken.</returns>
    public string? Complaint(IReadOnlyList<AttemptStarted> started)
    {
        var (narrow, wide) = (after.Nodes.Capacity(new RunOrder("", "", 1, Labels: SimulatedNode.Label)), after.Nodes.Capacity(new RunOrder("", "", 1)));
        var waiting = after.Runs.Waiting.Where(run => !(run.RetryAt > now) && run.Order.Fewest <= (run.Order.Labels is null ? wide : narrow) && sharing.WaitsFor(run) is null).ToList();
        var heads = waiting.GroupBy(run => (UserOf(run), run.Order.Priority)).Select(line => line.MinBy(run => after.Runs.IndexOf(run.Name))!.Name).ToHashSet();
        HashSet<(string, int)> placedNow = [];
        foreach (var attempt in started)
        {
            var placed = before.Find(attempt.Run) ?? after.Find(attempt.Run)!;
            if (attempt.Slots.Length <= placed.Keeping)
                continue; // Back on what it did not have to yield.
            var isUsersFirst = placedNow.Add((UserOf(placed), placed.Order.Priority));
            var isUsersLast = started.Last(other => UserOf(after.Find(other.Run)!) == UserOf(placed)) == attempt;
            var hasLabel = attempt.Slots.Any(slot => after.Nodes.Nodes[slot.Node].Has(SimulatedNode.Label));
            foreach (var passed in waiting.Where(run => run.Order.Labels is null || hasLabel))
            {
                var isWaitingFirst = heads.Contains(passed.Name) && !started.Any(other => QueueOf(after.Find(other.Run)!) == QueueOf(passed));
                if (Reason(placed, passed, isUsersFirst && IsOverdue(placed), isWaitingFirst && IsOverdue(passed), isUsersLast && heads.Contains(passed.Name)) is { } reason)
                    return $"{passed.Name} was overtaken by {placed.Name}, {reason}";
            }
        }
        return null;
    }

    private string? Reason(RunRecord placed, RunRecord passed, bool isPlacedOverdue, bool isPassedOverdue, bool isFairTurn)
    {
        if (passed.Order.Priority != placed.Order.Priority)
            return passed.Order.Priority > placed.Order.Priority ? "whose priority is lower" : null;
        var isLater = after.Runs.IndexOf(passed.Name) < after.Runs.IndexOf(placed.Name);
        if (UserOf(passed) == UserOf(placed))
            return isLater ? "which the same user submitted later" : null;
        if (isPassedOverdue && (!isPlacedOverdue || isLater))
            return "though its user had waited for long";
        return !isPlacedOverdue && isFairTurn && held[UserOf(placed)] - after.Find(placed.Name)!.Attempt!.Ranks.Length > held.GetValueOrDefault(UserOf(passed)) ? "whose user held more" : null;
    }

    private bool IsOverdue(RunRecord run) => run.Since <= now - limits.FairWait && !(served.TryGetValue(QueueOf(run), out var at) && at > now - limits.FairWait);

    private static string UserOf(RunRecord run) => run.Order.User ?? "";

    private static (string, int) QueueOf(RunRecord run) => (UserOf(run), run.Order.Priority);
}
