using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>Puts run and generation on what a replica tells.</summary>
internal sealed class ReplicaReports(ReplicaOrder order, Action<WorkerMessage> send) : IReplicaReports
{
    public void Phase(ReplicaPhase phase, string detail) => send(new WorkerMessage.Phase(order.Run, order.Generation, phase, detail));

    public void Step(StepMetrics metrics) => send(new WorkerMessage.Step(order.Run, order.Generation, metrics));

    public void Checkpoint(int step) => send(new WorkerMessage.Checkpoint(order.Run, order.Generation, step));

    public void Warning(string message) => send(new WorkerMessage.Warning(order.Run, order.Generation, message));

    public void Pulse(RankPulse pulse) => send(new WorkerMessage.Pulse(order.Run, order.Generation, pulse));
}
