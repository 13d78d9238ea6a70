using System.Globalization;

namespace JointFusion.Orchestration;

/// <summary>What a run was measured at when it came to a rung of its sweep.</summary>
/// <param name="Metric">Such as recall.</param>
/// <param name="Value">The higher the better.</param>
public sealed record RungResult(int Step, string Metric, double Value)
{
    /// <summary>Such as <c>recall 0.4123 at step 50</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Metric} {Value:0.0000} at step {Step:N0}");
}
