using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>From a spec's path to the plans of its runs: what every verb that takes a spec begins with.</summary>
public static class SpecPlanner
{
    /// <param name="cores">Of the machine that the workers share.</param>
    /// <exception cref="BadInputException">Lists every fault, a line each: of the spec alone, or, once that is sound, of its runs on the data.</exception>
    public static PlannedExperiment Plan(string specPath, IDataCatalog data, int cores) => Plan(SpecLoader.Load(specPath), specPath, data, cores);

    /// <param name="name">Of the spec, for messages.</param>
    /// <inheritdoc cref="Plan(string, IDataCatalog, int)"/>
    public static PlannedExperiment Plan(SpecResult loaded, string name, IDataCatalog data, int cores)
    {
        if (!loaded.IsValid)
            throw new BadInputException(string.Join(Environment.NewLine, loaded.Faults));

        var (runs, notes) = SweepExpander.Expand(loaded.Spec);
        var summaries = runs.Select(run => run.Spec.Data).Distinct().ToDictionary(spec => spec, data.Prepare);
        var plans = runs.Select(run => ExperimentPlanner.Plan(run.Spec, run.Name, summaries[run.Spec.Data], cores)).ToList();

        var faults = plans.SelectMany(plan => plan.Faults).Concat(runs.SelectMany(run => SweepPlanner.Faults(loaded.Spec.Sweep, run, summaries[run.Spec.Data])).Take(1)).ToList();
        if (faults.Count > 0)
            throw new BadInputException(string.Join(Environment.NewLine, faults.Select(fault => $"{name}: {fault}")));

        ImmutableArray<RunPlan> sound = [.. plans.Select(plan => plan.Plan!)];
        return new(loaded.Spec, loaded.Spec.Sweep is { } sweep ? SweepPlanner.Plan(sweep, sound) : sound, notes) { Swept = [.. runs.Where(run => !run.Swept.IsEmpty).Select(SweptRun.Of)] };
    }
}
