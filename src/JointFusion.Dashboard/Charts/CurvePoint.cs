namespace JointFusion.Dashboard;

/// <param name="X">Step, from 1.</param>
/// <param name="Y">Of the chart's figure.</param>
public readonly record struct CurvePoint(double X, double Y);
