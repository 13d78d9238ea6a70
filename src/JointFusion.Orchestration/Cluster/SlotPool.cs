using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>The slots of all nodes while one decision gives them away.</summary>
internal sealed class SlotPool
{
    private readonly List<Slot> slots = [];
    private readonly Dictionary<string, Slot[]> byLabels = [];
    private readonly SortedDictionary<int, int> heldByPriority = [];
    private readonly int startLimit;
    private int free;

    /// <param name="startLimit">So many failed starts in a row make a slot broken.</param>
    public SlotPool(RunTable runs, NodeRegistry nodes, int startLimit)
    {
        this.startLimit = startLimit;
        var holders = Holders(runs, nodes);
        foreach (var node in nodes.Nodes.Values)
        {
            var here = holders[node.Node];
            foreach (var report in node.Slots)
            {
                var holder = here?.GetValueOrDefault(report.Slot);
                Add(new Slot(node, report, holder, nodes.IsOpen(node.Node, report.Slot), UseOf(report, holder)) { Crashes = nodes.Health.CrashesOf(node.Node, report.Slot) });
            }
        }
    }

    private enum Use { Free, Coming, Held, Broken, Given }

    /// <summary>Whether a run of a priority could get any: one that is free, or one that a run of a lower priority holds.</summary>
    public bool HasAny(int priority) => free > 0 || heldByPriority.Any(held => held.Key < priority && held.Value > 0);

    /// <summary>Slots that a run may ever get, whoever has them now.</summary>
    public int Capacity(RunOrder order) => For(order).Length;

    /// <summary>Those among them whose workers die before they say hello, and why the first of them does.</summary>
    public (int Count, string? Reason) Broken(RunOrder order)
    {
        var broken = For(order).Where(slot => slot.Report.FailedStarts >= startLimit).ToList();
        return (broken.Count, broken.FirstOrDefault()?.Report.LastExit?.Reason);
    }

    /// <summary>All that the run asks for, by rank, those whose workers crashed of late last; null: fewer are free, and none is taken.</summary>
    /// <remarks>An elastic run takes what there is, but waits for workers that are just being started, such as its own after a crash: it would else begin twice.</remarks>
    public ImmutableArray<SlotAddress>? Take(RunOrder order)
    {
        if (free < order.Fewest)
            return null;
        var fitting = Of(order, Use.Free).OrderBy(slot => slot.Crashes).Take(order.Workers).ToList();
        if (fitting.Count < order.Fewest || (fitting.Count < order.Workers && For(order).Any(slot => slot.IsStarting)))
            return null;
        fitting.ForEach(slot => Enter(slot, Use.Given));
        return [.. fitting.Select(slot => slot.Address)];
    }

    /// <summary>Free ones for a run that has some already; none has to be had.</summary>
    public int TakeMore(RunOrder order, int most)
    {
        var more = Of(order, Use.Free).Take(most).ToList();
        more.ForEach(slot => Enter(slot, Use.Given));
        return more.Count;
    }

    /// <summary>Keeps for the run what is free, then what will be soon, from those that come after it.</summary>
    /// <returns>How many it is short of even so, to begin at all.</returns>
    public int Reserve(RunOrder order)
    {
        var kept = Of(order, Use.Free).Concat(Of(order, Use.Coming)).Take(order.Workers).ToList();
        kept.ForEach(slot => Enter(slot, Use.Given));
        return Math.Max(0, order.Fewest - kept.Count);
    }

    /// <summary>What runs of a lower priority hold of the slots that it could use.</summary>
    public IEnumerable<(RunRecord Holder, int Slots)> HeldBelow(RunOrder order) =>
        LowerHeld(order).GroupBy(slot => slot.Holder!.Name).Select(held => (held.First().Holder!, held.Count()));

    /// <summary>The holder yields: its slots will be free soon.</summary>
    public void Release(RunRecord holder)
    {
        foreach (var slot in slots.Where(slot => slot.Use == Use.Held && slot.Holder!.Name == holder.Name))
            Enter(slot, Use.Coming);
    }

    /// <summary>Keeps for the run what its lower holders would have to yield, did that suffice: no run after it takes that away.</summary>
    public void Claim(RunOrder order, int count)
    {
        foreach (var slot in LowerHeld(order).Take(count).ToList())
            Enter(slot, Use.Given);
    }

    private IEnumerable<Slot> Of(RunOrder order, Use use) => For(order).Where(slot => slot.Use == use);

    private IEnumerable<Slot> LowerHeld(RunOrder order) => Of(order, Use.Held).Where(slot => slot.Holder!.Order.Priority < order.Priority);

    private void Add(Slot slot)
    {
        slots.Add(slot);
        Count(slot, 1);
    }

    private void Enter(Slot slot, Use use)
    {
        Count(slot, -1);
        slot.Use = use;
        Count(slot, 1);
    }

    private void Count(Slot slot, int one)
    {
        if (slot.Use == Use.Free && slot.IsOpen)
            free += one;
        else if (slot.Use == Use.Held)
            heldByPriority[slot.Holder!.Order.Priority] = heldByPriority.GetValueOrDefault(slot.Holder.Order.Priority) + one;
    }

    /// <summary>By node, then by slot; null: none there has a holder. In one pass over the ranks, since this is where a decision spends its time.</summary>
    private static Dictionary<string, Dictionary<int, RunRecord>?> Holders(RunTable runs, NodeRegistry nodes)
    {
        var holders = new Dictionary<string, Dictionary<int, RunRecord>?>(nodes.Nodes.Count, StringComparer.Ordinal);
        foreach (var node in nodes.Nodes.Keys)
            holders[node] = null;
        foreach (var run in runs.Placed)
            foreach (var rank in run.Attempt!.Ranks)
                if (rank.Outcome is null && holders.TryGetValue(rank.Slot.Node, out var there))
                    (there ?? (holders[rank.Slot.Node] = []))[rank.Slot.Slot] = run;
        return holders;
    }

    /// <summary>Free is what both the node and the state say is: an order that has not arrived yet is in the state alone.</summary>
    private Use UseOf(SlotReport report, RunRecord? holder) => holder switch
    {
        { State: RunState.Stopping or RunState.Recovering } => Use.Coming,
        not null => Use.Held,
        null when report.FailedStarts >= startLimit => Use.Broken,
        null when report.IsIdle => Use.Free,
        null => Use.Coming,
    };

    private Slot[] For(RunOrder order)
    {
        var key = order.Labels is null ? "" : string.Join('\n', order.Labels);
        if (!byLabels.TryGetValue(key, out var fitting))
            byLabels[key] = fitting = [.. slots.Where(slot => slot.IsOpen && slot.Node.Has(order.Labels))];
        return fitting;
    }

    private sealed class Slot(NodeReport node, SlotReport report, RunRecord? holder, bool isOpen, Use use)
    {
        public SlotAddress Address => new(node.Node, report.Slot);
        public NodeReport Node => node;
        public SlotReport Report => report;
        public RunRecord? Holder => holder;
        public bool IsOpen => isOpen;
        public int Crashes { get; init; }

        /// <summary>Its worker is about to say hello, and none before it has died without.</summary>
        public bool IsStarting => Use == Use.Coming && Holder is null && Report is { IsReady: false, FailedStarts: 0 };

        public Use Use { get; set; } = use;
    }
}
