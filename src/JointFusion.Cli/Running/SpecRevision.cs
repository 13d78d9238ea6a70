using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>Whether an experiment that was begun may go on with another spec: on other resources and with further runs yes, with another science no.</summary>
internal static class SpecRevision
{
    /// <returns>The plans to go on with: those of <paramref name="begun"/> in their order, then what the spec has added.</returns>
    /// <exception cref="BadInputException">Lists each difference in what decides the results, and says what to do instead.</exception>
    public static IEnumerable<RunPlan> Of(ExperimentFolder folder, ImmutableArray<RunPlan> begun, string specPath, ImmutableArray<RunPlan> planned)
    {
        var byName = planned.ToDictionary(plan => plan.Run);
        List<string> differences =
        [
            .. begun.Where(plan => !byName.ContainsKey(plan.Run)).Select(plan => $"run {plan.Run}: the spec has it no more"),
            .. from before in begun
               where byName.ContainsKey(before.Run)
               from difference in PlanScience.Differences(before with { Fork = null }, byName[before.Run])
               select $"run {before.Run}: {difference}",
        ];
        if (differences.Count > 0)
        {
            throw new BadInputException(string.Join(Environment.NewLine, differences.Select(difference => $"{specPath}: {difference}"))
                + $"{Environment.NewLine}{folder.Path} was begun with another science, so that going on would mix two. Resume it without SPEC, "
                + $"or begin a new experiment from its checkpoints: jf run {specPath} --fork {folder.Path}");
        }
        return begun.Select(before => Revised(before, byName[before.Run])).Concat(planned.ExceptBy(begun.Select(plan => plan.Run), plan => plan.Run));
    }

    /// <summary>A fork stays one, with its hashes.</summary>
    private static RunPlan Revised(RunPlan before, RunPlan after) => before.Fork is null ? after : ForkPlan.Again(before, after);
}
