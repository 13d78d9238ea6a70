using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <param name="Name">Of the run and its folder, such as <c>early</c>, <c>score-seed8</c> or <c>trial3</c>.</param>
/// <param name="Spec">One run: its <c>Sweep</c> is null.</param>
public sealed record NamedRun(string Name, ExperimentSpec Spec)
{
    /// <summary>What the sweep gave it; empty without one.</summary>
    public ImmutableArray<SweptValue> Swept { get; init; } = [];
}
