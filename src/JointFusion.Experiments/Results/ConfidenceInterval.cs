namespace JointFusion.Experiments;

/// <param name="Value">The estimate on the queries themselves.</param>
/// <param name="Low">2.5th percentile of the resampled estimates.</param>
/// <param name="High">97.5th percentile.</param>
public readonly record struct ConfidenceInterval(double Value, double Low, double High);
