using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>What a spec would do, as <c>jf plan</c> says it.</summary>
/// <param name="Swept">By run: what the sweep gave it, by key path. Empty without a sweep.</param>
/// <param name="Notes">What the sweep left out, and why.</param>
public sealed record PlanPreview(
    ImmutableArray<RunPlan> Runs, ImmutableDictionary<string, ImmutableSortedDictionary<string, string>> Swept, ImmutableArray<string> Notes);
