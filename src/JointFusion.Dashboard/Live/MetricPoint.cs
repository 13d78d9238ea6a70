using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The part of a step's metrics that is kept in memory for as long as the page is served.</summary>
/// <param name="Step">From 1, counted over the whole run.</param>
/// <param name="Seconds">Of the whole step.</param>
/// <param name="Spread">Of queries or candidates, the lesser.</param>
public readonly record struct MetricPoint(
    int Step, double Loss, double Accuracy, double GradientNorm, double LearningRate, double PairsPerSecond, double Seconds, double? Margin, double? Spread, double? Mfu)
{
    public static MetricPoint Of(StepMetrics step) => new(
        step.Step, step.Loss, step.Accuracy, step.GradientNorm, step.LearningRate, step.PairsPerSecond, step.Seconds.Total, step.Margin,
        step.Spread, step.Mfu);
}
