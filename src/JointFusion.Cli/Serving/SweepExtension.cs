using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>Whether another spec extends a sweep that was begun: it has all its runs, with the same science, and perhaps more.</summary>
internal static class SweepExtension
{
    /// <summary>Why it does not, a line each.</summary>
    /// <param name="specPath">For messages.</param>
    public static IEnumerable<string> Faults(ImmutableArray<RunPlan> begun, string specPath, PlannedExperiment planned)
    {
        if (planned.Spec.Sweep is null)
            yield return $"{specPath}: it has no sweep.";
        var byName = planned.Runs.ToDictionary(plan => plan.Run);
        foreach (var before in begun)
        {
            if (!byName.TryGetValue(before.Run, out var after))
                yield return $"{specPath}: run {before.Run}: the spec has it no more. Leave its values in, and submit a sweep of its own for others.";
            else
                foreach (var difference in PlanScience.Differences(before, after))
                    yield return $"{specPath}: run {before.Run}: {difference}. It was begun with another science; submit a sweep of its own.";
        }
    }
}
