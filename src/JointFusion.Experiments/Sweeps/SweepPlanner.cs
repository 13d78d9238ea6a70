using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>What a sweep adds to the plans of its runs. Pure.</summary>
public static class SweepPlanner
{
    private const string Split = "val";

    /// <param name="plans">Of all its runs.</param>
    public static ImmutableArray<RunPlan> Plan(SweepSpec sweep, ImmutableArray<RunPlan> plans)
    {
        var trainedBy = plans.SelectMany(StageEnds).ToLookup(end => end.Key);
        return [.. plans.Select(plan => Plan(sweep, plan, [.. StageEnds(plan).Where(end => trainedBy[end.Key].Skip(1).Any())]))];
    }

    private static RunPlan Plan(SweepSpec sweep, RunPlan plan, ImmutableArray<SharedStage> shared) => plan with
    {
        Sweep = new SweepPlan(sweep.Asha is { } asha ? Rungs(asha, plan, shared.IsEmpty ? 0 : shared[^1].Step) : null, sweep.Limits?.DeviceHours),
        Shared = shared.IsEmpty ? null : shared,
    };

    private static IEnumerable<SharedStage> StageEnds(RunPlan plan) =>
        plan.Stages.Select(stage => new SharedStage(stage.FirstStep + stage.Spec.Steps - 1, PlanHashes.OnResources(stage.LineageHash, plan.Resources)));

    /// <summary>What a data set lacks of what the sweep asks for.</summary>
    public static IEnumerable<PlanFault> Faults(SweepSpec? sweep, NamedRun run, DataSummary data)
    {
        if (sweep?.Asha is not null && !data.Splits.Contains(Split))
            yield return new(run.Name, "sweep.asha", $"runs are measured on the split '{Split}', which the data set does not have; it has {string.Join(", ", data.Splits)}");
    }

    /// <param name="alike">Up to this step others are the same run: a rung would tell nothing of it.</param>
    private static AshaPlan Rungs(AshaSpec asha, RunPlan plan, int alike)
    {
        var rungs = asha.Rungs ?? Geometric(asha.MinSteps!.Value, asha.Reduction, plan.TotalSteps);
        return new(asha.Metric, [.. rungs.Where(rung => rung > alike && rung < plan.TotalSteps)], asha.Reduction);
    }

    private static IEnumerable<int> Geometric(long first, int reduction, int end)
    {
        for (var rung = first; rung < end; rung *= reduction)
            yield return (int)rung;
    }
}
