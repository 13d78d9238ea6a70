namespace JointFusion.Experiments;

/// <summary>What a valid spec asks of a data set that does not have it.</summary>
/// <param name="KeyPath">Such as <c>stages[0].tasks</c>.</param>
/// <param name="Message">What is wrong, and what is allowed.</param>
public sealed record PlanFault(string Run, string KeyPath, string Message)
{
    public override string ToString() => $"run {Run}: {KeyPath}: {Message}";
}
