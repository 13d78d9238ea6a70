using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>Everything a reader may know of the cluster at one moment.</summary>
/// <param name="Runs">In submission order.</param>
/// <param name="Draining">Nodes that get no new ranks, present or not.</param>
/// <param name="Quarantined">Slots that get no ranks, present or not.</param>
public sealed record ClusterSnapshot(
    ImmutableArray<RunSnapshot> Runs, ImmutableArray<NodeReport> Nodes, ImmutableArray<NodeDrain> Draining = default,
    ImmutableArray<SlotQuarantine> Quarantined = default) : IProtocolMessage
{
    public ImmutableArray<NodeDrain> Draining { get; init; } = Draining.IsDefault ? [] : Draining; // As older versions tell it.

    public ImmutableArray<SlotQuarantine> Quarantined { get; init; } = Quarantined.IsDefault ? [] : Quarantined;

    public bool AllRunsTerminal => Runs.All(run => run.State.IsTerminal());

    public static ClusterSnapshot Of(ClusterState state) =>
        new([.. state.Runs.Select(run => RunSnapshot.Of(run, state.Nodes))], [.. state.Nodes.Nodes.Values], [.. state.Nodes.Draining.Values],
            [.. state.Nodes.Health.Quarantined.Values.OrderBy(slot => slot.Slot.Node, StringComparer.Ordinal).ThenBy(slot => slot.Slot.Slot)]);
}
