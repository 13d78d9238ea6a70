using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>The nodes that are in the cluster, each as it last reported itself. Pure.</summary>
public sealed record NodeRegistry(ImmutableSortedDictionary<string, NodeReport> Nodes)
{
    public static NodeRegistry Empty { get; } = new(ImmutableSortedDictionary.Create<string, NodeReport>(StringComparer.Ordinal));

    /// <summary>Slots that a run may ever get, whoever has them now.</summary>
    public int Capacity(RunOrder order) => Nodes.Values.Where(node => node.Has(order.Labels)).Sum(node => node.Slots.Length);

    /// <summary>Whether runs may ever get the same slots as before.</summary>
    public bool IsSameRoomAs(NodeRegistry other) =>
        Nodes.Count == other.Nodes.Count
        && Nodes.Values.All(node => other.Nodes.TryGetValue(node.Node, out var twin) && node.Slots.Length == twin.Slots.Length && node.Has(twin.Labels) && twin.Has(node.Labels));

    public NodeRegistry With(NodeReport report) => new(Nodes.SetItem(report.Node, report));

    public NodeRegistry Without(string node) => new(Nodes.Remove(node));

    public SlotReport? Find(SlotAddress address) =>
        Nodes.TryGetValue(address.Node, out var node) ? node.Slots.FirstOrDefault(slot => slot.Slot == address.Slot) : null;
}

public sealed record NodeUpdated(NodeReport Report) : IClusterStateEvent;

public sealed record NodeRemoved(string Node) : IClusterStateEvent;
