using System.Collections.Immutable;
using System.Text.Json.Serialization;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <param name="Runs">In the grid's order; at least one.</param>
/// <param name="Notes">What the grid left out, and why.</param>
public sealed record PlannedExperiment([property: JsonIgnore] ExperimentSpec Spec, ImmutableArray<RunPlan> Runs, ImmutableArray<string> Notes);
