using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Data;

/// <summary>The queries of an epoch in no order yet: each as often as its weight says. Thread-safe.</summary>
/// <remarks>
/// Queries of one weight are one stratum. Of weight 2.5 it holds each query twice, then half of them once more, chosen anew each epoch.
/// <code>
///   places   |  a b c d   a b c d   c a  |  e f  |
///   stratum  |       weight 2.5          |   1   |
/// </code>
/// Where all weights are 1, a place is a query's own index.
/// </remarks>
internal sealed class WeightedQueries
{
    private readonly ImmutableArray<Stratum> strata;

    public WeightedQueries(IEnumerable<Query> queries, ImmutableArray<QueryWeight> weights)
    {
        var first = 0;
        strata = [.. queries.GroupBy(query => WeightOf(query, weights)).OrderBy(same => same.Key).Select(Next)];
        Count = first;

        Stratum Next(IGrouping<double, Query> same)
        {
            var stratum = new Stratum(first, [.. same]);
            first += Math.Max(1, (int)Math.Round(same.Key * stratum.Queries.Length));
            return stratum;
        }
    }

    /// <summary>Places of an epoch.</summary>
    public int Count { get; }

    /// <param name="place">From 0.</param>
    /// <param name="key">Of the epoch.</param>
    public Query At(int place, ulong key)
    {
        var stratum = strata.Last(stratum => stratum.First <= place);
        var queries = stratum.Queries;
        var (pass, index) = Math.DivRem(place - stratum.First, queries.Length);
        var isWhole = stratum.First + ((pass + 1) * queries.Length) <= EndOf(stratum);
        return queries[isWhole ? index : new KeyedPermutation(queries.Length, CounterRandom.Mix(key))[index]];
    }

    private int EndOf(Stratum stratum) => strata.IndexOf(stratum) is var i && i + 1 < strata.Length ? strata[i + 1].First : Count;

    private static double WeightOf(Query query, ImmutableArray<QueryWeight> weights) => weights
        .Where(weight => weight.Fits(query.Task, MbeirId.DataSet(query.Id)))
        .Aggregate(1.0, (product, weight) => product * weight.Weight);

    private sealed record Stratum(int First, ImmutableArray<Query> Queries);
}
