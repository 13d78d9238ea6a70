using System.Runtime.CompilerServices;
using System.Text.Json;
using JointFusion.Dashboard;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>A local cluster as the live page sees it.</summary>
internal sealed class ClusterLiveFeed(LocalCluster cluster) : IClusterFeed
{
    public async Task<LiveCluster> SnapshotAsync(CancellationToken cancel)
    {
        return View(await cluster.Snapshot().WaitAsync(cancel));
    }

    public async IAsyncEnumerable<LiveEvent> EventsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        using var feed = cluster.Subscribe();
        await foreach (var happened in feed.ReadAllAsync(cancel))
        {
            yield return happened switch
            {
                StepReported step => new LiveEvent.StepTaken(step.Metrics),
                CoordinatorFailed failed => throw new InvalidOperationException(failed.Reason),
                _ => new LiveEvent.Changed(),
            };
        }
    }

    public static LiveCluster View(ClusterSnapshot snapshot) => new([.. snapshot.Nodes.Select(Node)], [.. snapshot.Runs.Select(Run)]);

    private static LiveNode Node(NodeReport node) => new(node.Node, [.. node.Slots.Select(Worker)]);

    private static LiveWorker Worker(SlotReport slot) => slot.Work is { Outcome: null } work
        ? new LiveWorker(slot.Slot, slot.Pid, work.Run, work.Rank, Name(work.Phase), work.Detail)
        : new LiveWorker(slot.Slot, slot.Pid, null, null, slot.IsReady ? "idle" : "starting", slot.LastExit?.Reason ?? "");

    private static string Name(ReplicaPhase phase) => JsonNamingPolicy.KebabCaseLower.ConvertName(phase.ToString()).Replace('-', ' ');

    private static LiveRun Run(RunSnapshot run) =>
        new(run.Name, Enum.Parse<LiveRunState>(run.State.ToString()), run.Since, run.Stage, run.Generation, run.Checkpoint, run.Reason ?? run.Warning);
}
