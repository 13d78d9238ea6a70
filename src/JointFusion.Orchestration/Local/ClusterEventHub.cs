using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>One stream of events in, any number of feeds out. After a <see cref="CoordinatorFailed"/> all feeds end.</summary>
internal sealed class ClusterEventHub
{
    private readonly Lock gate = new();
    private ImmutableList<ClusterEventFeed> feeds = [];
    private readonly TaskCompletionSource<string> failure = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool completed;

    /// <summary>Completes, with the reason, when the coordinator cannot go on.</summary>
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
        failure.TrySetResult(failed.Reason);
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
}
