using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>One stream of events in, any number of feeds out.</summary>
/// <param name="outlivesFailures">Whether the coordinator comes back after a <see cref="CoordinatorFailed"/>; otherwise all feeds end with it.</param>
internal sealed class ClusterEventHub(bool outlivesFailures = false)
{
    private readonly Lock gate = new();
    private ImmutableList<ClusterEventFeed> feeds = [];
    private volatile TaskCompletionSource<string> failure = NewFailure();
    private bool completed;

    /// <summary>Completes, with the reason, when the coordinator cannot go on; where it comes back, the next time from now.</summary>
    public Task<string> Failure => failure.Task;

    public ClusterEventFeed Subscribe()
    {
        var feed = new ClusterEventFeed(Remove);
        lock (gate)
        {
            if (!completed)
            {
                feeds = feeds.Add(feed);
                return feed;
            }
        }
        feed.Dispose();
        return feed;
    }

    public void Publish(ClusterEvent change)
    {
        foreach (var feed in feeds)
            feed.Add(change);
        if (change is not CoordinatorFailed failed)
            return;
        var told = failure;
        if (outlivesFailures)
            failure = NewFailure();
        told.TrySetResult(failed.Reason);
        if (!outlivesFailures)
            Complete();
    }

    public void Complete()
    {
        ImmutableList<ClusterEventFeed> last;
        lock (gate)
        {
            completed = true;
            last = feeds;
        }
        foreach (var feed in last)
            feed.Dispose();
    }

    private void Remove(ClusterEventFeed feed)
    {
        lock (gate)
            feeds = feeds.Remove(feed);
    }

    private static TaskCompletionSource<string> NewFailure() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
