namespace JointFusion.Dashboard;

/// <param name="X">Step, from 1.</param>
/// <param name="Y">Loss in nats.</param>
public readonly record struct CurvePoint(double X, double Y);
