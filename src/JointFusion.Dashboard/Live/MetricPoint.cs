using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The part of a step's metrics that is kept in memory for as long as the page is served.</summary>
/// <param name="Step">From 1, counted over the whole run.</param>
/// <param name="Seconds">Of the whole step.</param>
public readonly record struct MetricPoint(
    int Step, double Loss, double Accuracy, double GradientNorm, double LearningRate, double PairsPerSecond, double Seconds)
{
    public static MetricPoint Of(StepMetrics step) => new(
        step.Step, step.Loss, step.Accuracy, step.GradientNorm, step.LearningRate, step.PairsPerSecond, step.Seconds.Total);
}
