using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>What a cluster is told of a planned run: all that its plan says of where and when.</summary>
internal static class RunOrders
{
    /// <param name="name">As the cluster knows it.</param>
    /// <param name="startsAt">See <see cref="RunOrder.StartsAt"/>.</param>
    /// <param name="user">See <see cref="RunOrder.User"/>.</param>
    public static RunOrder Of(string name, RunFolder folder, RunPlan plan, int? startsAt = null, string? user = null) => new(
        name, folder.Path, plan.Resources.Workers, startsAt, plan.Resources.Priority, user, plan.Resources.Labels, plan.Estimates.WorkerMemoryBytes, plan.Resources.MinWorkers);
}
