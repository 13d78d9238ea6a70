using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>Everything a reader may know of the cluster at one moment.</summary>
/// <param name="Runs">In submission order.</param>
/// <param name="Draining">Nodes that get no new ranks, present or not.</param>
/// <param name="Quarantined">Slots that get no ranks, present or not.</param>
/// <param name="Sweeps">By name.</param>
public sealed record ClusterSnapshot(
    ImmutableArray<RunSnapshot> Runs, ImmutableArray<NodeReport> Nodes, ImmutableArray<NodeDrain> Draining = default,
    ImmutableArray<SlotQuarantine> Quarantined = default, ImmutableArray<SweepSnapshot> Sweeps = default) : IProtocolMessage
{
    public ImmutableArray<NodeDrain> Draining { get; init; } = Draining.IsDefault ? [] : Draining; // As older versions tell it.

    public ImmutableArray<SlotQuarantine> Quarantined { get; init; } = Quarantined.IsDefault ? [] : Quarantined;

    public ImmutableArray<SweepSnapshot> Sweeps { get; init; } = Sweeps.IsDefault ? [] : Sweeps;

    public bool AllRunsTerminal => Runs.All(run => run.State.IsTerminal());

    /// <param name="now">Until when attempts under way count; null: not at all.</param>
    public static ClusterSnapshot Of(ClusterState state, DateTimeOffset? now = null)
    {
        var sharing = new StageSharing(state.Runs, state.Sweeps);
        return new([.. state.Runs.Select(run => RunSnapshot.Of(run, state.Nodes, run.IsWaiting ? sharing.WaitsFor(run) : null, now))], [.. state.Nodes.Nodes.Values], [.. state.Nodes.Draining.Values],
            [.. state.Nodes.Health.Quarantined.Values.OrderBy(slot => slot.Slot.Node, StringComparer.Ordinal).ThenBy(slot => slot.Slot.Slot)],
            [.. state.Sweeps.Sweeps.Values.Select(sweep => SweepSnapshot.Of(sweep, state.Runs, now))]);
    }
}
