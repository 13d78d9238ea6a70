namespace JointFusion.Dashboard;

/// <summary>States by what a person does about them.</summary>
public enum RunGroup { All, Active, Waiting, Failed, Paused, Done }

public static class RunGroups
{
    public static bool Has(this RunGroup group, LiveRunState state) => group == RunGroup.All || Of(state) == group;

    public static RunGroup Of(LiveRunState state) => state switch
    {
        LiveRunState.Queued or LiveRunState.Held or LiveRunState.Preempted => RunGroup.Waiting,
        LiveRunState.Failed => RunGroup.Failed,
        LiveRunState.Paused or LiveRunState.Cancelled => RunGroup.Paused,
        LiveRunState.Succeeded or LiveRunState.Pruned => RunGroup.Done,
        _ => RunGroup.Active,
    };

    /// <summary>As the page calls it.</summary>
    public static string Title(this RunGroup group) => group == RunGroup.Paused ? "Paused, cancelled" : group.ToString();
}
