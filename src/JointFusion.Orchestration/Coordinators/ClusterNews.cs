using Akka.Event;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>Turns changes of state into <see cref="ClusterEvent"/>s on the event stream of the coordinator's process.</summary>
internal sealed class ClusterNews(EventStream stream)
{
    private readonly HashSet<(string, int)> refused = [];

    public void Tell(ClusterState before, ClusterState after, IEnumerable<IClusterStateEvent> events)
    {
        foreach (var change in events)
            TellOne(before, change);
        var isSameRoom = before.Nodes.IsSameRoomAs(after.Nodes);
        foreach (var run in after.Runs)
        {
            if (isSameRoom && run.Attempt is null && ReferenceEquals(run, before.Find(run.Name)))
                continue;
            var now = RunSnapshot.Of(run, after.Nodes);
            var was = before.Find(run.Name) is { } old ? RunSnapshot.Of(old, before.Nodes) : null;
            if (now != was)
                stream.Publish(new RunChanged(now));
        }
    }

    /// <summary>Told once of each.</summary>
    public void Refused(NodeReport report)
    {
        if (refused.Add((report.Node, report.Protocol)))
            stream.Publish(new RoomChanged($"{report.Node} is not let in: it speaks protocol {report.Protocol} and this coordinator {ClusterProtocol.Version}. Bring them to neighbouring versions"));
    }

    public void Step(StepMetrics metrics) => stream.Publish(new StepReported(metrics));

    public void Failed(string reason) => stream.Publish(new CoordinatorFailed(reason));

    private void TellOne(ClusterState before, IClusterStateEvent change)
    {
        switch (change)
        {
            case RankPhaseChanged phase:
                stream.Publish(new PhaseReported(phase.Run, phase.Generation, phase.Rank, phase.Phase, phase.Detail));
                break;
            case RankWarned warned:
                stream.Publish(new WarningReported(warned.Run, warned.Generation, warned.Rank, warned.Message));
                break;
            case CheckpointTaken taken:
                stream.Publish(new CheckpointReported(taken.Run, taken.Generation, taken.Step));
                break;
            case NodeDraining draining:
                stream.Publish(new RoomChanged($"{draining.Node} is drained{By(draining.By)}"));
                break;
            case NodeUndrained undrained:
                stream.Publish(new RoomChanged($"{undrained.Node} is drained no more{By(undrained.By)}"));
                break;
            case SlotQuarantined slot:
                stream.Publish(new RoomChanged($"{slot.Slot} is quarantined: {slot.Reason}"));
                break;
            case SlotReleased slot:
                stream.Publish(new RoomChanged($"{slot.Slot} is quarantined no more{By(slot.By)}"));
                break;
            case NodeUpdated updated:
                TellExits(before, updated.Report);
                break;
        }
    }

    private static string By(string? user) => user is null ? "" : $" by {user}";

    private void TellExits(ClusterState before, NodeReport report)
    {
        foreach (var slot in report.Slots)
        {
            var address = new SlotAddress(report.Node, slot.Slot);
            if (slot.LastExit is { } exit && exit != before.Nodes.Find(address)?.LastExit)
                stream.Publish(new WorkerExited(address, exit.Pid, exit.Reason));
        }
    }
}
