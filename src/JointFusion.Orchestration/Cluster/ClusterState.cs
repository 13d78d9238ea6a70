using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>All runs and nodes. Pure: <see cref="Process"/> turns a command into events, <see cref="Apply"/> takes them in and knows no clock.</summary>
public sealed record ClusterState(RunTable Runs, NodeRegistry Nodes, ClusterLimits Limits)
{
    public SweepTable Sweeps { get; init; } = SweepTable.Empty;

    public static ClusterState Empty(ClusterLimits limits) => new(RunTable.Empty, NodeRegistry.Empty, limits);

    public RunRecord? Find(string run) => Runs.Find(run);

    /// <summary>When time alone will change something: a run that waits after a failure may be tried again, a quarantine is over, or a sweep comes to its limit; null: never.</summary>
    public DateTimeOffset? NextMoment(DateTimeOffset now) => Runs.Retrying.Select(run => run.RetryAt)
        .Concat(Nodes.Health.Quarantined.Values.Select(slot => (DateTimeOffset?)slot.Until))
        .Concat(Sweeps.Sweeps.Values.Select(sweep => sweep.LimitAt(Runs, now)))
        .Where(moment => moment > now).Min();

    /// <summary>What follows from a command, placements that it makes possible included. The caller journals, then applies in order.</summary>
    public ImmutableArray<IClusterStateEvent> Process(ClusterCommand command, DateTimeOffset now)
    {
        var decision = new ClusterDecision(this, now);
        decision.Take(command);
        return decision.Events;
    }

    public ClusterState Apply(IClusterStateEvent change) => change switch
    {
        RunSubmitted submitted => this with { Runs = Runs.With(RunRecord.Of(submitted)), Sweeps = Sweeps.After(null, submitted) },
        ISweepEvent sweep => this with { Sweeps = Sweeps.Apply(sweep) },
        RunEvent happened => After(Known(happened), happened),
        INodeEvent node => this with { Nodes = Nodes.Apply(node) },
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "A cluster event without a rule."),
    };

    private ClusterState After(RunRecord run, RunEvent change) =>
        this with { Runs = Runs.With(run.Apply(change)), Nodes = Nodes.After(run, change), Sweeps = Sweeps.After(run, change) };

    private RunRecord Known(RunEvent change) =>
        Find(change.Run) ?? throw new ArgumentException($"An event of the unknown run '{change.Run}'.", nameof(change));
}
