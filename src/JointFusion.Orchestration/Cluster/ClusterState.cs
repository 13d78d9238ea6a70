using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>All runs and nodes. Pure: <see cref="Process"/> turns a command into events, <see cref="Apply"/> takes them in and knows no clock.</summary>
public sealed record ClusterState(RunTable Runs, NodeRegistry Nodes, ClusterLimits Limits)
{
    public static ClusterState Empty(ClusterLimits limits) => new(RunTable.Empty, NodeRegistry.Empty, limits);

    public RunRecord? Find(string run) => Runs.Find(run);

    /// <summary>When time alone will change something: a run that waits after a failure may be tried again, or a quarantine is over; null: never.</summary>
    public DateTimeOffset? NextMoment(DateTimeOffset now) =>
        Runs.Retrying.Select(run => run.RetryAt).Concat(Nodes.Health.Quarantined.Values.Select(slot => (DateTimeOffset?)slot.Until)).Where(moment => moment > now).Min();

    /// <summary>What follows from a command, placements that it makes possible included. The caller journals, then applies in order.</summary>
    public ImmutableArray<IClusterStateEvent> Process(ClusterCommand command, DateTimeOffset now)
    {
        var decision = new ClusterDecision(this, now);
        decision.Take(command);
        return decision.Events;
    }

    public ClusterState Apply(IClusterStateEvent change) => change switch
    {
        RunSubmitted submitted => this with { Runs = Runs.With(RunRecord.Of(submitted)) },
        RunEvent happened => After(Known(happened), happened),
        INodeEvent node => this with { Nodes = Nodes.Apply(node) },
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "A cluster event without a rule."),
    };

    private ClusterState After(RunRecord run, RunEvent change) => new(Runs.With(run.Apply(change)), Nodes.After(run, change), Limits);

    private RunRecord Known(RunEvent change) =>
        Find(change.Run) ?? throw new ArgumentException($"An event of the unknown run '{change.Run}'.", nameof(change));
}
