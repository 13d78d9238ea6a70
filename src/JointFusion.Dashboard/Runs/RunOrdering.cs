namespace JointFusion.Dashboard;

/// <summary>What a list of runs is sorted by.</summary>
public enum RunOrdering
{
    /// <summary>The latest submitted first.</summary>
    Newest,
    Name,

    /// <summary>What is under way first, then what waits, then what has ended; within each the latest change first.</summary>
    State,

    /// <summary>The lowest first; runs without a step last.</summary>
    Loss,

    /// <summary>The share of their steps, the highest first.</summary>
    Progress,
}
