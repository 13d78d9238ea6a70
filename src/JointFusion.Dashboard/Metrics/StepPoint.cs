namespace JointFusion.Dashboard;

internal readonly record struct StepPoint(int Step, double Value);
