using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>What the terminal knows of one run, folded from the cluster's events.</summary>
public sealed record RunProgress(string Name, int TotalSteps)
{
    /// <summary>The weight of the newest step in the smoothed seconds a step.</summary>
    private const double Newest = 0.1;

    public RunState State { get; private init; } = RunState.Queued;
    public string? Reason { get; private init; }
    public StepMetrics? Latest { get; private init; }
    public double SecondsPerStep { get; private init; }
    public string Phase { get; private init; } = "";

    public RunProgress With(RunSnapshot run) => this with { State = run.State, Reason = run.Reason };

    public RunProgress With(PhaseReported phase) => phase.Rank == 0 ? this with { Phase = Describe(phase) } : this;

    public RunProgress With(StepMetrics step) => this with
    {
        Latest = step,
        SecondsPerStep = SecondsPerStep == 0 ? step.Seconds.Total : SecondsPerStep + Newest * (step.Seconds.Total - SecondsPerStep),
    };

    /// <summary>Until training ends, at the measured rate; null before there is one and after.</summary>
    public TimeSpan? Remaining =>
        State == RunState.Training && Latest is { } step ? TimeSpan.FromSeconds((TotalSteps - step.Step) * SecondsPerStep) : null;

    private static string Describe(PhaseReported phase) => phase.Phase switch
    {
        ReplicaPhase.Evaluating => $"evaluating {phase.Detail}",
        ReplicaPhase.Resuming => $"resuming at {phase.Detail}",
        ReplicaPhase.CheckingGradients => "checking gradients",
        ReplicaPhase.LoadingData => "loading data",
        ReplicaPhase.Connecting => "connecting",
        ReplicaPhase.Training => phase.Detail,
        _ => "starting",
    };
}
