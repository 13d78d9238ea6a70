using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>Everything a reader may know of the cluster at one moment.</summary>
/// <param name="Runs">In submission order.</param>
/// <param name="Draining">Nodes that get no new ranks, present or not.</param>
public sealed record ClusterSnapshot(
    ImmutableArray<RunSnapshot> Runs, ImmutableArray<NodeReport> Nodes, ImmutableArray<NodeDrain> Draining = default) : IProtocolMessage
{
    public ImmutableArray<NodeDrain> Draining { get; init; } = Draining.IsDefault ? [] : Draining; // As older versions tell it.

    public bool AllRunsTerminal => Runs.All(run => run.State.IsTerminal());

    public static ClusterSnapshot Of(ClusterState state) =>
        new([.. state.Runs.Select(run => RunSnapshot.Of(run, state.Nodes))], [.. state.Nodes.Nodes.Values], [.. state.Nodes.Draining.Values]);
}
