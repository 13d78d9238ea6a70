using System.Collections.Immutable;

namespace JointFusion.Data;

/// <param name="Concept">What the query asks for or about; queries of one concept rise and fall together.</param>
/// <param name="Positives">Indices into the candidates.</param>
/// <param name="Negatives">Candidates that are wrong though close. Those of a training query are filtered when written.</param>
internal sealed record DrawnQuery(
    int Task,
    string Operation,
    ConceptSplit Split,
    string Concept,
    string? Text,
    string? Image,
    ImmutableArray<int> Positives,
    ImmutableArray<int> Negatives)
{
    /// <summary>Decides the order of queries, and by it which are left out.</summary>
    public ulong Order { get; } = StableHash.Of($"query:{Task}|{Text}|{Image}");

    /// <summary>Equal queries become one with the positives of all, as held out as the most held out of them. Ordered by <see cref="Order"/>.</summary>
    public static ImmutableArray<DrawnQuery> Merge(IEnumerable<DrawnQuery> queries) =>
        [.. queries.GroupBy(query => (query.Task, query.Text, query.Image)).Select(MergeEqual).OrderBy(query => query.Order)];

    private static DrawnQuery MergeEqual(IEnumerable<DrawnQuery> equal)
    {
        var first = equal.First();
        ImmutableArray<int> positives = [.. equal.SelectMany(query => query.Positives).Distinct()];
        return first with
        {
            Split = equal.Max(query => query.Split),
            Positives = positives,
            Negatives = [.. equal.SelectMany(query => query.Negatives).Distinct().Except(positives)],
        };
    }
}
