using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>The nodes that are in the cluster, each as it last reported itself, and what is kept from runs. Pure.</summary>
/// <param name="Nodes">By name.</param>
/// <param name="Draining">By name; also of nodes that are away.</param>
public sealed record NodeRegistry(ImmutableSortedDictionary<string, NodeReport> Nodes, ImmutableSortedDictionary<string, NodeDrain> Draining, SlotHealth Health)
{
    public static NodeRegistry Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, NodeReport>(StringComparer.Ordinal), ImmutableSortedDictionary.Create<string, NodeDrain>(StringComparer.Ordinal), SlotHealth.Empty);

    /// <summary>Slots that a run may ever get, whoever has them now.</summary>
    public int Capacity(RunOrder order) => Nodes.Values.Where(node => node.Has(order.Labels)).Sum(node => node.Slots.Count(slot => IsOpen(node.Node, slot.Slot)));

    /// <summary>Slots in all.</summary>
    public int Count => Nodes.Values.Sum(node => node.Slots.Length);

    /// <summary>Whether new ranks may be placed there.</summary>
    public bool IsOpen(string node, int slot) => !Draining.ContainsKey(node) && (Health.Quarantined.IsEmpty || !Health.Quarantined.ContainsKey(new(node, slot)));

    /// <summary>Whether runs may ever get the same slots as before.</summary>
    public bool IsSameRoomAs(NodeRegistry other) =>
        Draining == other.Draining && Health.Quarantined == other.Health.Quarantined
        && Nodes.Count == other.Nodes.Count
        && Nodes.Values.All(node => other.Nodes.TryGetValue(node.Node, out var twin) && node.Slots.Length == twin.Slots.Length && node.Has(twin.Labels) && twin.Has(node.Labels));

    public NodeRegistry Apply(INodeEvent change) => change switch
    {
        NodeUpdated updated => this with { Nodes = Nodes.SetItem(updated.Report.Node, updated.Report) },
        NodeRemoved removed => this with { Nodes = Nodes.Remove(removed.Node) },
        NodeDraining draining => this with { Draining = Draining.SetItem(draining.Node, new NodeDrain(draining.Node, draining.At, draining.By)) },
        NodeUndrained undrained => this with { Draining = Draining.Remove(undrained.Node) },
        SlotQuarantined slot => this with { Health = Health.With(new SlotQuarantine(slot.Slot, slot.At, slot.Until, slot.Reason)) },
        SlotReleased slot => this with { Health = Health.Without(slot.Slot) },
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "A node event without a rule."),
    };

    /// <param name="run">As it was before.</param>
    public NodeRegistry After(RunRecord run, RunEvent change)
    {
        var health = Health.After(run, change);
        return ReferenceEquals(health, Health) ? this : this with { Health = health };
    }

    public SlotReport? Find(SlotAddress address) =>
        Nodes.TryGetValue(address.Node, out var node) ? node.Slots.FirstOrDefault(slot => slot.Slot == address.Slot) : null;
}

/// <summary>A node that gets no new ranks, until it is told otherwise.</summary>
/// <param name="By">The user who asked for it; null: nobody is named.</param>
public sealed record NodeDrain(string Node, DateTimeOffset Since, string? By);
