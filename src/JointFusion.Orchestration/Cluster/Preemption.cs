using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>Which running ones yield to a run of a higher priority, and what they keep. Pure.</summary>
internal static class Preemption
{
    /// <summary>
    /// Of the lowest priorities that together have enough: if those that can go on with fewer slots have enough to spare, as few of these as
    /// possible; else the fewest runs whose slots are enough. Among sets of as many the one with the newest attempts, which lose the least.
    /// Empty: all of them have not enough.
    /// </summary>
    /// <param name="missing">Slots that are wanted; at least 1.</param>
    /// <param name="holders">Each with the slots that would be of use.</param>
    public static ImmutableArray<Yield> Choose(int missing, IEnumerable<(RunRecord Run, int Slots)> holders)
    {
        List<(RunRecord Run, int Slots)> candidates = [];
        foreach (var level in holders.GroupBy(holder => holder.Run.Order.Priority).OrderBy(level => level.Key))
        {
            candidates.InsertRange(0, level.OrderByDescending(holder => holder.Run.Attempt!.StartedAt).ThenBy(holder => holder.Run.Name, StringComparer.Ordinal));
            var sparing = candidates.Select(candidate => (candidate.Run, Slots: Spare(candidate.Run, candidate.Slots))).Where(candidate => candidate.Slots > 0).ToList();
            if (sparing.Sum(candidate => candidate.Slots) >= missing)
                return Yields(missing, Fewest(missing, sparing));
            if (candidates.Sum(candidate => candidate.Slots) >= missing)
                return Yields(missing, Fewest(missing, candidates));
        }
        return [];
    }

    /// <summary>What is more than enough stays with those that can go on with it.</summary>
    /// <param name="chosen">Each with the slots that it is asked for; together at least as many as are missing.</param>
    private static ImmutableArray<Yield> Yields(int missing, List<(RunRecord Run, int Slots)> chosen)
    {
        var surplus = chosen.Sum(yielding => yielding.Slots) - missing;
        var yields = ImmutableArray.CreateBuilder<Yield>(chosen.Count);
        foreach (var (run, slots) in chosen)
        {
            var spared = Math.Min(surplus, slots);
            var keeps = Held(run) - slots + spared;
            var goesOn = run.Order.MinWorkers is { } fewest && keeps >= fewest;
            surplus -= goesOn ? spared : 0;
            yields.Add(new Yield(run, goesOn ? keeps : null));
        }
        return yields.MoveToImmutable();
    }

    /// <param name="slots">Of its slots those that are of use.</param>
    private static int Spare(RunRecord run, int slots) => run.Order.MinWorkers is { } fewest ? Math.Clamp(Held(run) - fewest, 0, slots) : 0;

    private static int Held(RunRecord run) => run.LiveRanks.Count();

    /// <param name="candidates">The preferred ones first; together they have enough.</param>
    private static List<(RunRecord Run, int Slots)> Fewest(int missing, List<(RunRecord Run, int Slots)> candidates)
    {
        List<(RunRecord Run, int Slots)> left = [.. candidates], chosen = [];
        for (var wanted = missing; wanted > 0;)
        {
            var widest = left.Select(candidate => candidate.Slots).OrderDescending().ToList();
            var count = 0;
            for (var sum = 0; sum < wanted; count++)
                sum += widest[count];
            // The first with which the widest of the others still make up the rest in as few runs.
            var best = left.FindIndex(candidate => candidate.Slots + Others(widest, candidate.Slots, count - 1) >= wanted);
            chosen.Add(left[best]);
            wanted -= left[best].Slots;
            left.RemoveAt(best);
        }
        return chosen;
    }

    private static int Others(List<int> widest, int without, int count)
    {
        var sum = widest.Take(count).Sum();
        return count > 0 && without >= widest[count - 1] ? sum - without + widest[count] : sum;
    }
}

/// <param name="Keeps">Slots that it begins anew with at once; null: none, it waits for its turn.</param>
internal sealed record Yield(RunRecord Run, int? Keeps);
