using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>The waiting runs of one priority in the order of their users' turns, one after another.</summary>
/// <remarks>
/// The turn is with whoever holds the fewest slots now; of equals, with the run that was submitted first. Among a user's own runs that order
/// holds alone. A run that has waited for <see cref="ClusterLimits.FairWait"/> at the head of its user's goes before all turns, and among
/// such runs the one that was submitted first: so everyone's turn comes, however many users come and go with less in hand.
/// </remarks>
/// <param name="users">Each with its runs in submission order.</param>
/// <param name="held">Slots by user; the caller adds what it places.</param>
internal sealed class FairQueue(
    ImmutableArray<(string User, IEnumerable<(int Index, RunRecord Run)> Runs)> users, IReadOnlyDictionary<string, int> held, DateTimeOffset agedSince)
{
    private readonly List<Line> lines = [.. users.Select(user => new Line(user.User, user.Runs.GetEnumerator())).Where(line => line.Runs.MoveNext())];

    /// <summary>Whose turn it is; it is not asked for again. Null: nobody waits any more.</summary>
    public RunRecord? Next()
    {
        if (lines.Count == 0)
            return null;
        var line = lines.Count == 1 ? lines[0] : lines.MinBy(Turn)!;
        var run = line.Runs.Current.Run;
        if (!line.Runs.MoveNext())
            lines.Remove(line);
        return run;
    }

    private (int Held, int Index) Turn(Line line)
    {
        var (index, run) = line.Runs.Current;
        return (run.Since <= agedSince ? -1 : held.GetValueOrDefault(line.User), index);
    }

    private sealed record Line(string User, IEnumerator<(int Index, RunRecord Run)> Runs);
}
