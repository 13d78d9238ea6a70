using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>From a spec's path to the plans of its runs: what every verb that takes a spec begins with.</summary>
public static class SpecPlanner
{
    /// <param name="cores">Of the machine that the workers share.</param>
    /// <exception cref="BadInputException">Lists every fault, a line each: of the spec alone, or, once that is sound, of its runs on the data.</exception>
    public static PlannedExperiment Plan(string specPath, IDataCatalog data, int cores) => Plan(SpecLoader.Load(specPath), specPath, data, cores);

    /// <summary>For who only looks: see <see cref="IDataCatalog.Describe"/>.</summary>
    /// <inheritdoc cref="Plan(string, IDataCatalog, int)"/>
    public static PlannedExperiment Describe(string specPath, IDataCatalog data, int cores) => Plan(SpecLoader.Load(specPath), specPath, data, data.Describe, cores);

    /// <param name="name">Of the spec, for messages.</param>
    /// <inheritdoc cref="Plan(string, IDataCatalog, int)"/>
    public static PlannedExperiment Plan(SpecResult loaded, string name, IDataCatalog data, int cores) => Plan(loaded, name, data, data.Prepare, cores);

    private static PlannedExperiment Plan(SpecResult loaded, string name, IDataCatalog data, Func<DataSpec, DataSummary> summarize, int cores)
    {
        if (!loaded.IsValid)
            throw new BadInputException(string.Join(Environment.NewLine, loaded.Faults));

        var (runs, notes) = SweepExpander.Expand(loaded.Spec);
        var summaries = runs.Select(run => run.Spec.Data).Distinct().ToDictionary(spec => spec, summarize);
        var backbones = new Dictionary<BackboneQuestion, BackboneSummary>();
        var plans = runs.Select(run => ExperimentPlanner.Plan(run.Spec, run.Name, summaries[run.Spec.Data], cores, Backbone(run.Spec.Retriever, data, backbones))).ToList();

        var faults = plans.SelectMany(plan => plan.Faults).Concat(runs.SelectMany(run => SweepPlanner.Faults(loaded.Spec.Sweep, run, summaries[run.Spec.Data])).Take(1)).ToList();
        if (faults.Count > 0)
            throw new BadInputException(string.Join(Environment.NewLine, faults.Select(fault => $"{name}: {fault}")));

        ImmutableArray<RunPlan> sound = [.. plans.Select(plan => plan.Plan!)];
        return new(loaded.Spec, loaded.Spec.Sweep is { } sweep ? SweepPlanner.Plan(sweep, sound) : sound, notes) { Swept = [.. runs.Where(run => !run.Swept.IsEmpty).Select(SweptRun.Of)] };
    }

    private static BackboneSummary? Backbone(RetrieverSpec spec, IDataCatalog data, Dictionary<BackboneQuestion, BackboneSummary> known)
    {
        if (spec.Backbone is not { } folder)
            return null;
        var question = new BackboneQuestion(folder, spec.MaxPixels, spec.PoolingToken, spec.Prompt);
        if (!known.TryGetValue(question, out var summary))
            known.Add(question, summary = data.Read(spec));
        return summary;
    }

    /// <summary>What of a spec a summary depends on: the runs of a grid mostly ask the same.</summary>
    private sealed record BackboneQuestion(string Folder, int? MaxPixels, string? PoolingToken, PromptTemplates? Prompt);
}
