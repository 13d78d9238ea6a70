namespace JointFusion.Orchestration;

/// <summary>One reader's view of the cluster's events, from its subscription on. A slow reader misses old steps, never anything else.</summary>
public sealed class ClusterEventFeed : IDisposable
{
    private const int StepsKept = 1024;
    private readonly DropOldestQueue<ClusterEvent> queue = new(StepsKept, change => change is StepReported);
    private readonly Action<ClusterEventFeed> unsubscribe;

    internal ClusterEventFeed(Action<ClusterEventFeed> unsubscribe) => this.unsubscribe = unsubscribe;

    /// <summary>Steps this reader was too slow for.</summary>
    public long DroppedSteps => queue.Dropped;

    /// <summary>The events as they come; ends when the cluster or the feed is disposed. For one reader.</summary>
    public IAsyncEnumerable<ClusterEvent> ReadAllAsync(CancellationToken cancel = default) => queue.ReadAllAsync(cancel);

    public void Dispose()
    {
        unsubscribe(this);
        queue.Complete();
    }

    internal void Add(ClusterEvent change) => queue.Add(change);
}
