using System.Text.Json.Serialization;

namespace JointFusion.Dashboard;

/// <summary>One run as the page and the API show it.</summary>
/// <param name="Fusion">Empty while the run has no plan.</param>
/// <param name="TotalSteps">Of all stages; null while the run has no plan.</param>
/// <param name="Margin">See <see cref="Experiments.StepMetrics.Margin"/>.</param>
/// <param name="Spread">Of queries or candidates, the lesser; 0 where all have the same embedding.</param>
/// <param name="TrainingSecondsLeft">At the pace of the latest steps, evaluation not included; null where nothing can be said.</param>
/// <param name="User">Who submitted it; null: nobody in particular.</param>
/// <param name="Priority">Higher ones are placed first.</param>
/// <param name="DeviceHours">That its attempts have held workers so far, those of all ranks added up.</param>
/// <param name="MissedSteps">Metrics that did not come this far, since they came faster than they are passed on; the run's metrics.jsonl has them all.</param>
public sealed record RunStatus(
    string Name,
    string Fusion,
    LiveRunState State,
    DateTimeOffset Since,
    string? Stage,
    int Step,
    int? TotalSteps,
    double? Loss,
    double? Margin,
    double? Spread,
    double? PairsPerSecond,
    double? Mfu,
    double? TrainingSecondsLeft,
    int Generation,
    int? Checkpoint,
    string? Reason,
    string? User = null,
    int MissedSteps = 0,
    int Priority = 0,
    double DeviceHours = 0)
{
    /// <summary>Of its steps that are done, from 0 to 1.</summary>
    [JsonIgnore]
    public double Share => TotalSteps is > 0 and var total ? Math.Min(1, Step / (double)total) : 0;

    internal static RunStatus Of(LiveRun run, RunHistory history)
    {
        var last = history.Last;
        var training = run.State is LiveRunState.Training or LiveRunState.Starting or LiveRunState.Recovering;
        return new RunStatus(
            run.Name,
            history.Plan is null ? "" : Marks.Name(history.Plan.Retriever.Shape.Fusion),
            run.State,
            run.Since,
            run.Stage,
            last?.Step ?? 0,
            history.Plan?.TotalSteps,
            last?.Loss,
            last?.Margin,
            last?.Spread,
            run.State == LiveRunState.Training ? last?.PairsPerSecond : null,
            run.State == LiveRunState.Training ? last?.Mfu : null,
            training ? history.SecondsLeft() : null,
            run.Generation,
            run.Checkpoint,
            run.Reason,
            run.User,
            history.Missed,
            run.Priority,
            run.DeviceHours);
    }
}
