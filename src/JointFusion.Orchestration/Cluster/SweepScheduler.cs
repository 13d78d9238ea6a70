using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>Which waiting run gets which slots. Pure.</summary>
/// <remarks>
/// Gangs only: a run gets all its slots or none. Strictly in submission order: a run that waits for slots is not overtaken, or a wide
/// run would starve behind narrow ones. A run wider than the cluster holds nobody up. A slot is free again the moment its rank has ended.
/// </remarks>
public static class SweepScheduler
{
    public static ImmutableArray<Placement> Place(IEnumerable<RunRecord> runs, NodeRegistry nodes)
    {
        var inOrder = runs.ToList();
        var occupied = inOrder.SelectMany(run => run.LiveRanks).Select(rank => rank.State.Slot).ToHashSet();
        var free = new Queue<SlotAddress>(nodes.Slots.Where(slot => IsFree(slot.Report, occupied, slot.Address)).Select(slot => slot.Address));
        var capacity = nodes.Slots.Count();
        var placements = ImmutableArray.CreateBuilder<Placement>();
        foreach (var run in inOrder.Where(run => run.IsWaiting && run.Order.Workers <= capacity))
        {
            if (run.Order.Workers > free.Count)
                break;
            placements.Add(new Placement(run.Name, [.. Enumerable.Range(0, run.Order.Workers).Select(_ => free.Dequeue())]));
        }
        return placements.ToImmutable();
    }

    /// <summary>Waiting runs that would fit, were it not for slots whose workers die before they say hello, and why those die.</summary>
    /// <param name="startLimit">So many failed starts in a row make a slot broken.</param>
    public static ImmutableArray<(string Run, string Reason)> Hopeless(IEnumerable<RunRecord> runs, NodeRegistry nodes, int startLimit)
    {
        var slots = nodes.Slots.Select(slot => slot.Report).ToList();
        var broken = slots.Where(slot => slot.FailedStarts >= startLimit).ToList();
        var sound = slots.Count - broken.Count;
        return [.. runs.Where(run => run.IsWaiting && run.Order.Workers > sound && run.Order.Workers <= slots.Count)
            .Select(run => (run.Name, $"{broken.Count} of {slots.Count} workers cannot be started: {broken[0].LastExit?.Reason}"))];
    }

    private static bool IsFree(SlotReport slot, HashSet<SlotAddress> occupied, SlotAddress address) =>
        slot.IsReady && slot.Work is null or { Outcome: not null } && !occupied.Contains(address);
}

/// <param name="Slots">By rank.</param>
public sealed record Placement(string Run, ImmutableArray<SlotAddress> Slots);
