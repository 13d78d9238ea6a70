using System.Threading.Channels;
using JointFusion.Dashboard;
using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>A cluster that does what the test says.</summary>
internal sealed class FakeFeed : IClusterFeed
{
    private readonly Channel<LiveEvent> events = Channel.CreateUnbounded<LiveEvent>();
    private volatile LiveCluster cluster = LiveCluster.Empty;
    private int snapshots;

    /// <summary>How often the cluster was asked for.</summary>
    public int Snapshots => Volatile.Read(ref snapshots);

    public Task<LiveCluster> SnapshotAsync(CancellationToken cancel)
    {
        Interlocked.Increment(ref snapshots);
        return Task.FromResult(cluster);
    }

    public IAsyncEnumerable<LiveEvent> EventsAsync(CancellationToken cancel) => events.Reader.ReadAllAsync(cancel);

    public void Change(LiveCluster next)
    {
        cluster = next;
        events.Writer.TryWrite(new LiveEvent.Changed());
    }

    public void Step(StepMetrics step) => events.Writer.TryWrite(new LiveEvent.StepTaken(step));

    public void Break(string reason) => events.Writer.TryComplete(new InvalidOperationException(reason));

    /// <summary>One node with one worker for each run, all in one state.</summary>
    public static LiveCluster Cluster(LiveRunState state, params string[] runs) => new(
        [new LiveNode("node-1", [.. runs.Select((run, slot) => new LiveWorker(slot, 4000 + slot, run, slot, "training", ""))], [])],
        [.. runs.Select(run => new LiveRun(run, state, DateTimeOffset.UnixEpoch, "adaptation", 1, null, null))]);
}
