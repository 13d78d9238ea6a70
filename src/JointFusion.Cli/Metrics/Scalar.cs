namespace JointFusion.Cli;

/// <summary>One value of one series.</summary>
/// <param name="Tag">Such as <c>loss/task_7</c>.</param>
internal readonly record struct Scalar(DateTimeOffset At, int Step, string Tag, double Value);
