using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Of each training query of a stage, the candidates that a model took for close although they are wrong.</summary>
public sealed class MinedNegatives
{
    /// <summary>A set reads each query once: comparing their texts is not needed.</summary>
    private static readonly IEqualityComparer<Query> SameQuery = ReferenceEqualityComparer.Instance;

    private readonly Dictionary<Query, ImmutableArray<int>> lists;

    /// <param name="queries">Of the stage.</param>
    /// <param name="lists">Of each query, dense candidate indices, the closest first; may be empty.</param>
    public MinedNegatives(IReadOnlyList<Query> queries, IReadOnlyList<ImmutableArray<int>> lists) =>
        this.lists = queries.Zip(lists).ToDictionary(pair => pair.First, pair => pair.Second, SameQuery);

    public ImmutableArray<int> Of(Query query) => lists[query];
}
