namespace JointFusion.Dashboard;

/// <summary>What a list of runs is sorted by.</summary>
public enum RunOrdering
{
    /// <summary>What is under way first, then what waits, what failed, what stands still and what is done; within each as they were submitted.</summary>
    State,

    /// <summary>The latest submitted first.</summary>
    Newest,
    Name,

    /// <summary>The lowest first; runs without a step last.</summary>
    Loss,

    /// <summary>The share of their steps, the highest first.</summary>
    Progress,
}
