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

    public static LiveCluster View(ClusterSnapshot snapshot) => new([.. snapshot.Nodes.Select(node => Node(node, snapshot))], [.. snapshot.Runs.Select(Run)]);

    private static LiveNode Node(NodeReport node, ClusterSnapshot snapshot) => new(
        node.Node,
        [.. node.Slots.Select(slot => Worker(slot, snapshot.Quarantined.FirstOrDefault(kept => kept.Slot == new SlotAddress(node.Node, slot.Slot))))],
        [.. node.Labels?.Select(label => $"{label.Key}={label.Value}") ?? []],
        snapshot.Draining.Any(drain => drain.Node == node.Node),
        node.Vitals is { } vitals ? new LiveVitals(vitals.Load, vitals.Cores, vitals.MemoryUsed, vitals.MemoryTotal, vitals.At, vitals.Celsius) : null);

    private static LiveWorker Worker(SlotReport slot, SlotQuarantine? kept) => slot.Work is { Outcome: null } work
        ? new LiveWorker(slot.Slot, slot.Pid, work.Run, work.Rank, Name(work.Phase), work.Detail)
        : kept is not null ? new LiveWorker(slot.Slot, slot.Pid, null, null, "quarantined", kept.Reason)
        : new LiveWorker(slot.Slot, slot.Pid, null, null, slot.IsReady ? "idle" : "starting", slot.LastExit?.Reason ?? "");

    private static string Name(ReplicaPhase phase) => JsonNamingPolicy.KebabCaseLower.ConvertName(phase.ToString()).Replace('-', ' ');

    private static LiveRun Run(RunSnapshot run) =>
        new(run.Name, Enum.Parse<LiveRunState>(run.State.ToString()), run.Since, run.Stage, run.Generation, run.Checkpoint, run.Reason ?? run.Warning, run.User, run.Priority, run.DeviceHours);
}
