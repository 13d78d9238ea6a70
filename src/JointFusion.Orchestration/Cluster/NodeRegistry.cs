using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>The nodes that are in the cluster, each as it last reported itself. Pure.</summary>
public sealed record NodeRegistry(ImmutableSortedDictionary<string, NodeReport> Nodes)
{
    public static NodeRegistry Empty { get; } = new(ImmutableSortedDictionary.Create<string, NodeReport>(StringComparer.Ordinal));

    /// <summary>In placement order: by node name, then by slot.</summary>
    public IEnumerable<(SlotAddress Address, SlotReport Report)> Slots =>
        Nodes.Values.SelectMany(node => node.Slots.Select(slot => (new SlotAddress(node.Node, slot.Slot), slot)));

    /// <summary>Slots in all.</summary>
    public int Capacity => Nodes.Values.Sum(node => node.Slots.Length);

    public NodeRegistry With(NodeReport report) => new(Nodes.SetItem(report.Node, report));

    public NodeRegistry Without(string node) => new(Nodes.Remove(node));

    public SlotReport? Find(SlotAddress address) =>
        Nodes.TryGetValue(address.Node, out var node) ? node.Slots.FirstOrDefault(slot => slot.Slot == address.Slot) : null;
}

public sealed record NodeUpdated(NodeReport Report) : IClusterStateEvent;

public sealed record NodeRemoved(string Node) : IClusterStateEvent;
