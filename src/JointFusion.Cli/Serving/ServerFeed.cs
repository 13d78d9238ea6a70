using System.Runtime.CompilerServices;
using JointFusion.Dashboard;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>A coordinator as the live page of a server sees it: one that may be away for a while and comes back.</summary>
internal sealed class ServerFeed(CoordinatorClient coordinator) : IClusterFeed
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task<LiveCluster> SnapshotAsync(CancellationToken cancel)
    {
        while (true)
        {
            try
            {
                return ClusterLiveFeed.View(await coordinator.Snapshot().WaitAsync(cancel));
            }
            catch (CoordinatorAwayException)
            {
                await Task.Delay(Pause, cancel);
            }
        }
    }

    public async IAsyncEnumerable<LiveEvent> EventsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        using var feed = coordinator.Subscribe();
        await foreach (var happened in feed.ReadAllAsync(cancel))
            yield return happened is StepReported step ? new LiveEvent.StepTaken(step.Metrics) : new LiveEvent.Changed();
    }
}
