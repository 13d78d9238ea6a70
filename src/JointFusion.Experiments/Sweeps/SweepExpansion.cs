using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <param name="Runs">Trial by trial, in the grid's order with the last axis fastest, then the zipped rows; names are unique.</param>
/// <param name="Notes">What was left out and why, a sentence each.</param>
public sealed record SweepExpansion(ImmutableArray<NamedRun> Runs, ImmutableArray<string> Notes);
