using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>Finds each training query's closest wrong candidates, embedding and searching divided over the ranks.</summary>
/// <remarks>
/// N queries of the stage, C candidates of its tasks' local pools, D = from_top, K positives of a query at most:
/// <code>
///   every rank   its share of the C candidates -> [C/ranks, E] -> gathered [C, E]
///                its share of the N queries    -> [N/ranks, E] -> of each task: the D + K nearest of its pool
///                without the positives and what is too close to the best of them -> [N/ranks][D], -1 where there is none -> gathered
/// </code>
/// </remarks>
public sealed class NegativeMiner(MbeirDataset data, IProcessGroup group, IEmbeddingSpace space, StageSpec stage)
{
    private const int None = -1;

    private readonly NegativeMining mining = stage.MinedNegatives ?? throw new ArgumentException("The stage mines nothing.", nameof(stage));

    /// <returns>Of each query, dense candidate indices, the closest first; the same on every rank.</returns>
    public ImmutableArray<ImmutableArray<int>> Mine(ImmutableArray<Query> queries)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        int[] held = [.. stage.Tasks.SelectMany(task => data.Pool(task, PoolKind.Local)).Union(queries.SelectMany(query => query.Positives)).Order()];
        var candidates_CE = SharedEmbedding.Of(group, space, [.. held.Select(candidate => ItemRef.Of(data.Candidates[candidate]))]);
        var rowOf = held.Index().ToDictionary(pair => pair.Item, pair => pair.Index);
        var (first, count) = Share.Of(group.Rank, group.WorldSize, queries.Length);
        var mine = queries.AsSpan(first, count).ToArray();
        var queries_QE = space.Embed([.. mine.Select(query => ItemRef.Of(query, stage.Instructions ? 0 : -1))]);

        var found = new int[count * mining.FromTop];
        Array.Fill(found, None);
        foreach (var ofTask in mine.Index().GroupBy(query => query.Item.Task))
            Search([.. ofTask], candidates_CE, rowOf, queries_QE, found);
        return Gather(queries.Length, found);
    }

    private void Search((int Row, Query Query)[] queries, Tensor candidates_CE, Dictionary<int, int> rowOf, Tensor queries_QE, int[] found)
    {
        using var scope = NewDisposeScope();
        var pool = data.Pool(queries[0].Query.Task, PoolKind.Local);
        var index = new ExactIndex(candidates_CE.RowsAt(pool.Select(candidate => rowOf[candidate])), pool);
        var most = queries.Max(query => query.Query.Positives.Length);
        var nearest = index.SearchScored(queries_QE.RowsAt(queries.Select(query => query.Row)), mining.FromTop + most);
        foreach (var (place, (row, query)) in queries.Index())
        {
            var best = Best(queries_QE, row, candidates_CE.RowsAt(query.Positives.Select(positive => rowOf[positive])));
            var kept = nearest[place].Candidates.Zip(nearest[place].Scores)
                .Where(candidate => !query.Positives.Contains(candidate.First))
                .Take(mining.FromTop)
                .Where(candidate => candidate.Second < Limit(best))
                .Select(candidate => candidate.First);
            kept.ToArray().CopyTo(found, row * mining.FromTop);
        }
    }

    /// <summary>A share of a negative cosine would be above it: then as far below as it would be for a positive one.</summary>
    private double Limit(double best) => best - ((1 - mining.BelowPositive) * Math.Abs(best));

    private static double Best(Tensor queries_QE, int row, Tensor positives_KE)
    {
        using var scope = NewDisposeScope();
        return positives_KE.mv(queries_QE[row]).max().ToNumber();
    }

    private ImmutableArray<ImmutableArray<int>> Gather(int queries, int[] found)
    {
        var all = new int[queries * mining.FromTop];
        group.AllGather<int>(found, all, [.. Share.Counts(queries, group.WorldSize).Select(count => count * mining.FromTop)]);
        return [.. all.Chunk(mining.FromTop).Select(list => list.TakeWhile(candidate => candidate != None).ToImmutableArray())];
    }
}
