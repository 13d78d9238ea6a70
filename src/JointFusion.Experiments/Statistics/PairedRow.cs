using System.Collections.Immutable;

namespace JointFusion.Experiments;

/// <summary>How two retrievers differ on the same queries, seed by seed.</summary>
/// <param name="Concepts">Of each query.</param>
/// <param name="Differences">A seed each, at least one; in it one value a query.</param>
public sealed record PairedRow(ImmutableArray<string> Concepts, ImmutableArray<ImmutableArray<double>> Differences)
{
    public int Seeds => Differences.Length;

    public int Queries => Concepts.Length;
}
