using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>Which running ones yield to a run of a higher priority. Pure.</summary>
internal static class Preemption
{
    /// <summary>
    /// Of the lowest priorities that together have enough: the fewest runs that do, and among sets of as many the one with the newest attempts,
    /// which lose the least. Empty: all of them have not enough.
    /// </summary>
    /// <param name="missing">Slots that are wanted; at least 1.</param>
    /// <param name="holders">Each with the slots that would be of use.</param>
    public static ImmutableArray<RunRecord> Choose(int missing, IEnumerable<(RunRecord Run, int Slots)> holders)
    {
        List<(RunRecord Run, int Slots)> candidates = [];
        foreach (var level in holders.GroupBy(holder => holder.Run.Order.Priority).OrderBy(level => level.Key))
        {
            candidates.InsertRange(0, level.OrderByDescending(holder => holder.Run.Attempt!.StartedAt).ThenBy(holder => holder.Run.Name, StringComparer.Ordinal));
            if (candidates.Sum(candidate => candidate.Slots) >= missing)
                return Fewest(missing, candidates);
        }
        return [];
    }

    /// <param name="candidates">The preferred ones first; together they have enough.</param>
    private static ImmutableArray<RunRecord> Fewest(int missing, List<(RunRecord Run, int Slots)> candidates)
    {
        var chosen = ImmutableArray.CreateBuilder<RunRecord>();
        for (var left = missing; left > 0;)
        {
            var widest = candidates.Select(candidate => candidate.Slots).OrderDescending().ToList();
            var count = 0;
            for (var sum = 0; sum < left; count++)
                sum += widest[count];
            // The first with which the widest of the others still make up the rest in as few runs.
            var best = candidates.FindIndex(candidate => candidate.Slots + Others(widest, candidate.Slots, count - 1) >= left);
            chosen.Add(candidates[best].Run);
            left -= candidates[best].Slots;
            candidates.RemoveAt(best);
        }
        return chosen.ToImmutable();
    }

    private static int Others(List<int> widest, int without, int count)
    {
        var sum = widest.Take(count).Sum();
        return count > 0 && without >= widest[count - 1] ? sum - without + widest[count] : sum;
    }
}
