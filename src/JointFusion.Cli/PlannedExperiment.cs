using System.Collections.Immutable;
using System.Text.Json.Serialization;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <param name="Runs">In the sweep's order; at least one.</param>
/// <param name="Notes">What the sweep left out, and why.</param>
public sealed record PlannedExperiment([property: JsonIgnore] ExperimentSpec Spec, ImmutableArray<RunPlan> Runs, ImmutableArray<string> Notes)
{
    /// <summary>What the sweep gave each run; empty without one.</summary>
    public ImmutableArray<SweptRun> Swept { get; init; } = [];
}

/// <param name="Values">By key path.</param>
public sealed record SweptRun(string Run, ImmutableSortedDictionary<string, string> Values)
{
    public static SweptRun Of(NamedRun run)
    {
        var values = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        foreach (var value in run.Swept)
            values = values.Add(value.KeyPath, value.Text);
        return new(run.Name, values);
    }
}
