using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <summary>A replica that does what a test says, on the worker's real replica thread.</summary>
/// <param name="refusal">Asked when it is to listen: why it will not; null: it will.</param>
internal sealed class FakeReplica(Func<FakeAttempt, ReplicaOutcome> run, Func<ReplicaOrder, string?>? refusal = null) : IReplica
{
    public string Listen(ReplicaOrder order) =>
        refusal?.Invoke(order) is { } reason ? throw new RefusedOrderException(reason) : $"fake:{order.Generation}{order.Rank:D3}";

    public ReplicaOutcome Run(ReplicaOrder order, RankAssignment assignment, IReplicaReports reports, Func<KnownCheckpoints> checkpoints, CancellationToken stop) =>
        run(new FakeAttempt(order, assignment, reports, () => checkpoints().Journalled, stop));

    /// <summary>Ten steps from the resumed one on, a checkpoint after each fifth, then an evaluation.</summary>
    public static ReplicaOutcome TrainToTheEnd(FakeAttempt attempt) => attempt.Train(10, _ => { });
}

internal sealed record FakeAttempt(ReplicaOrder Order, RankAssignment Assignment, IReplicaReports Reports, Func<int?> Journalled, CancellationToken Stop)
{
    private const int CheckpointEvery = 5;

    /// <param name="beforeStep">May block on a gate of the test's, or throw.</param>
    public ReplicaOutcome Train(int steps, Action<int> beforeStep)
    {
        Reports.Phase(ReplicaPhase.Training, "adaptation");
        for (var step = (Order.ResumeStep ?? 0) + 1; step <= steps; step++)
        {
            beforeStep(step);
            if (Stop.IsCancellationRequested)
                return Stopped(step - 1);
            Report(step);
        }
        Reports.Phase(ReplicaPhase.Evaluating, "test");
        return new ReplicaOutcome.Succeeded();
    }

    /// <summary>Blocks until the agent asks it to stop.</summary>
    public ReplicaOutcome WaitForStop(int step)
    {
        Stop.WaitHandle.WaitOne();
        return Stopped(step);
    }

    public void Report(int step)
    {
        if (Order.Rank != 0)
            return;
        Reports.Step(Samples.Metrics(Order.Run, Order.Generation, step));
        if (step % CheckpointEvery == 0)
            Reports.Checkpoint(step);
    }

    private ReplicaOutcome.Stopped Stopped(int step)
    {
        if (Order.Rank == 0 && step > 0)
            Reports.Checkpoint(step);
        return new ReplicaOutcome.Stopped(step);
    }
}
