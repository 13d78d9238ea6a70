using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <param name="Runs">In the grid's order, the last axis fastest; names are unique.</param>
/// <param name="Notes">What was left out and why, a sentence each.</param>
public sealed record SweepExpansion(ImmutableArray<NamedRun> Runs, ImmutableArray<string> Notes);
