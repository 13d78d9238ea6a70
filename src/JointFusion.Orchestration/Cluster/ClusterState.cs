using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>All runs and nodes. Pure: <see cref="Process"/> turns a command into events, <see cref="Apply"/> takes them in and knows no clock.</summary>
/// <param name="Runs">In submission order.</param>
public sealed record ClusterState(ImmutableArray<RunRecord> Runs, NodeRegistry Nodes, ClusterLimits Limits)
{
    public static ClusterState Empty(ClusterLimits limits) => new([], NodeRegistry.Empty, limits);

    public RunRecord? Find(string run) => Runs.FirstOrDefault(record => record.Name == run);

    /// <summary>What follows from a command, placements that it makes possible included. The caller journals, then applies in order.</summary>
    public ImmutableArray<IClusterStateEvent> Process(ClusterCommand command, DateTimeOffset now)
    {
        var decision = new ClusterDecision(this, now);
        decision.Take(command);
        return decision.Events;
    }

    public ClusterState Apply(IClusterStateEvent change) => change switch
    {
        RunSubmitted submitted => this with { Runs = Runs.Add(RunRecord.Of(submitted)) },
        RunEvent run => WithRun(run),
        NodeUpdated updated => this with { Nodes = Nodes.With(updated.Report) },
        NodeRemoved removed => this with { Nodes = Nodes.Without(removed.Node) },
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "A cluster event without a rule."),
    };

    private ClusterState WithRun(RunEvent change)
    {
        var index = Runs.IndexOf(Find(change.Run) ?? throw new ArgumentException($"An event of the unknown run '{change.Run}'.", nameof(change)));
        return this with { Runs = Runs.SetItem(index, Runs[index].Apply(change)) };
    }
}
