using JointFusion.Experiments;
using JointFusion.Orchestration;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>Training's events as the worker link's reports.</summary>
public sealed class ReplicaEvents(IReplicaReports reports) : IRunEvents
{
    public void Phase(RunPhase phase, string detail) => reports.Phase(
        phase switch
        {
            RunPhase.CheckingGradients => ReplicaPhase.CheckingGradients,
            RunPhase.LoadingData => ReplicaPhase.LoadingData,
            RunPhase.Resuming => ReplicaPhase.Resuming,
            RunPhase.Training => ReplicaPhase.Training,
            _ => ReplicaPhase.Evaluating,
        },
        detail);

    public void Step(StepMetrics metrics) => reports.Step(metrics);

    public void Checkpoint(int step) => reports.Checkpoint(step);

    /// <summary>Also into the worker's log, which is its standard error.</summary>
    public void Warning(string message)
    {
        Console.Error.WriteLine($"warning: {message}");
        reports.Warning(message);
    }
}
