using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>What a cluster is told of a planned run: all that its plan says of where and when.</summary>
internal static class RunOrders
{
    /// <param name="name">As the cluster knows it.</param>
    /// <param name="startsAt">See <see cref="RunOrder.StartsAt"/>.</param>
    /// <param name="user">See <see cref="RunOrder.User"/>.</param>
    /// <param name="sweep">What the cluster calls its sweep, if it is part of one.</param>
    public static RunOrder Of(string name, RunFolder folder, RunPlan plan, string sweep, int? startsAt = null, string? user = null) => new(
        name, folder.Path, plan.Resources.Workers, startsAt, plan.Resources.Priority, user, plan.Resources.Labels, plan.Estimates.WorkerMemoryBytes,
        plan.Sweep is null ? null : sweep, plan.Sweep?.Asha?.Rungs, plan.Shared, plan.Resources.MinWorkers);

    /// <summary>Of the sweep that the runs are part of; null: of none.</summary>
    public static SweepOrder? SweepOf(string name, IEnumerable<RunPlan> plans) =>
        plans.FirstOrDefault(plan => plan.Sweep is not null)?.Sweep is { } sweep ? new SweepOrder(name, sweep.Asha?.Reduction, sweep.DeviceHours) : null;
}
