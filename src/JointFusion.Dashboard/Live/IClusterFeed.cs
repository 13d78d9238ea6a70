using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>What the live page knows of a cluster: its state on demand, and a stream that says when to look again.</summary>
public interface IClusterFeed
{
    /// <summary>The cluster now. Called at most ten times a second.</summary>
    Task<LiveCluster> SnapshotAsync(CancellationToken cancel);

    /// <summary>From now on; ends with the cluster. For one reader, which does nothing slow.</summary>
    /// <exception cref="InvalidOperationException">The cluster cannot go on; the message says why and is shown.</exception>
    IAsyncEnumerable<LiveEvent> EventsAsync(CancellationToken cancel);
}

/// <summary>Something happened.</summary>
public abstract record LiveEvent
{
    /// <summary>The snapshot is no longer true.</summary>
    public sealed record Changed : LiveEvent;

    public sealed record StepTaken(StepMetrics Metrics) : LiveEvent;
}
