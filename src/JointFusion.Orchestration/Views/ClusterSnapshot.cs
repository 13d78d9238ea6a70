using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>Everything a reader may know of the cluster at one moment.</summary>
/// <param name="Runs">In submission order.</param>
public sealed record ClusterSnapshot(ImmutableArray<RunSnapshot> Runs, ImmutableArray<NodeReport> Nodes) : IProtocolMessage
{
    public bool AllRunsTerminal => Runs.All(run => run.State.IsTerminal());

    public static ClusterSnapshot Of(ClusterState state) =>
        new([.. state.Runs.Select(run => RunSnapshot.Of(run, state.Nodes))], [.. state.Nodes.Nodes.Values]);
}
