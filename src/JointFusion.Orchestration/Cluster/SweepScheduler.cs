using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>Which waiting run gets which slots. Pure.</summary>
/// <remarks>
/// Gangs only: a run gets all its slots or none. Strictly in submission order: a run that waits for slots is not overtaken, or a wide
/// run would starve behind narrow ones. A run wider than the cluster holds nobody up, nor does
/// one that is to wait after a failure. A slot is free again the moment its rank has ended.
/// </remarks>
public static class SweepScheduler
{
    public static ImmutableArray<Placement> Place(RunTable runs, NodeRegistry nodes, DateTimeOffset now)
    {
        if (!runs.Waiting.Any())
            return [];
        var free = Free(runs, nodes);
        var capacity = nodes.Capacity;
        var placements = ImmutableArray.CreateBuilder<Placement>();
        foreach (var run in runs.Waiting.Where(run => run.Order.Workers <= capacity && !(run.RetryAt > now)))
        {
            if (run.Order.Workers > free.Count)
                break;
            placements.Add(new Placement(run.Name, [.. Enumerable.Range(0, run.Order.Workers).Select(_ => free.Dequeue())]));
        }
        return placements.ToImmutable();
    }

    /// <summary>Waiting runs that would fit, were it not for slots whose workers die before they say hello, and why those die.</summary>
    /// <param name="startLimit">So many failed starts in a row make a slot broken.</param>
    public static ImmutableArray<(string Run, string Reason)> Hopeless(RunTable runs, NodeRegistry nodes, int startLimit)
    {
        var broken = nodes.Nodes.Values.SelectMany(node => node.Slots).Where(slot => slot.FailedStarts >= startLimit).ToList();
        if (broken.Count == 0)
            return [];
        var capacity = nodes.Capacity;
        var sound = capacity - broken.Count;
        return [.. runs.Waiting.Where(run => run.Order.Workers > sound && run.Order.Workers <= capacity)
            .Select(run => (run.Name, $"{broken.Count} of {capacity} workers cannot be started: {broken[0].LastExit?.Reason}"))];
    }

    /// <summary>Both the node and the state say so: an order that has not arrived yet is in the state alone.</summary>
    private static Queue<SlotAddress> Free(RunTable runs, NodeRegistry nodes)
    {
        var idle = nodes.Slots.Where(slot => slot.Report.IsReady && slot.Report.Work is null or { Outcome: not null }).Select(slot => slot.Address).ToList();
        if (idle.Count == 0)
            return [];
        var occupied = runs.Placed.SelectMany(run => run.LiveRanks).Select(rank => rank.State.Slot).ToHashSet();
        return new Queue<SlotAddress>(idle.Where(slot => !occupied.Contains(slot)));
    }
}

/// <param name="Slots">By rank.</param>
public sealed record Placement(string Run, ImmutableArray<SlotAddress> Slots);
