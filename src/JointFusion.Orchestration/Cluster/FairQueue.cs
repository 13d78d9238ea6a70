using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>The waiting runs of one priority in the order of their users' turns, one after another.</summary>
/// <remarks>
/// The turn is with whoever holds the fewest slots now; of equals, with the run that was submitted first. Among a user's own runs that order
/// holds alone. A user who waits, and of whose runs here none was placed for <see cref="ClusterLimits.FairWait"/>, goes before all turns, and
/// of several the one whose run was submitted first: so everyone's turn comes, however many users come and go with less in hand.
/// </remarks>
/// <param name="queues">By user, the runs that could be placed if slots were free, in submission order.</param>
/// <param name="held">Slots by user; the caller adds what it places.</param>
internal sealed class FairQueue(IEnumerable<UserQueue> queues, IReadOnlyDictionary<string, int> held, DateTimeOffset overdueSince)
{
    private readonly List<Line> lines = [.. queues.Select(queue => new Line(queue)).Where(line => line.Runs.MoveNext())];
    private Line? last;

    /// <summary>Whose turn it is; it is not asked for again. Null: nobody waits any more.</summary>
    public RunRecord? Next()
    {
        if (lines.Count == 0)
            return null;
        last = lines.Count == 1 ? lines[0] : lines.MinBy(Turn)!;
        var run = last.Runs.Current.Run;
        if (!last.Runs.MoveNext())
            lines.Remove(last);
        return run;
    }

    /// <summary>The run whose turn it was got its slots.</summary>
    public void Placed() => last!.Served = DateTimeOffset.MaxValue;

    private (int Held, int Index) Turn(Line line)
    {
        var (index, run) = line.Runs.Current;
        var isOverdue = run.Since <= overdueSince && !(line.Served > overdueSince);
        return (isOverdue ? -1 : held.GetValueOrDefault(line.User), index);
    }

    private sealed class Line(UserQueue queue)
    {
        public string User => queue.User;
        public IEnumerator<(int Index, RunRecord Run)> Runs { get; } = queue.Runs.GetEnumerator();
        public DateTimeOffset? Served { get; set; } = queue.Served;
    }
}

/// <summary>What waits of one user at one priority.</summary>
/// <param name="User">Empty: nobody in particular.</param>
/// <param name="Served">When one of them was placed last; null: none yet.</param>
/// <param name="Runs">In submission order, with their places in it.</param>
internal sealed record UserQueue(string User, DateTimeOffset? Served, IEnumerable<(int Index, RunRecord Run)> Runs);
