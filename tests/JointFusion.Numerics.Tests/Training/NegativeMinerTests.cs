using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Mined negatives against the definition, candidate by candidate, in one process.</summary>
public sealed class NegativeMinerTests : IDisposable
{
    private const int Width = 6;

    private readonly CardSet cards = new();
    private readonly MbeirDataset data;

    public NegativeMinerTests() => data = MbeirDataset.Open(cards.Root);

    public void Dispose() => cards.Dispose();

    [Theory]
    [InlineData(1, 0.95)]
    [InlineData(3, 0.95)]
    [InlineData(3, 0.8)]
    [InlineData(2, 1)]
    public void Should_FindTheNearestWrongCandidatesBelowThePositive_When_RanksDivideTheWork(int ranks, double belowPositive)
    {
        var stage = new StageSpec
        {
            Name = "s",
            Tasks = [0, 3],
            Instructions = true,
            Steps = 1,
            GlobalBatch = 8,
            LearningRate = 1,
            MinedNegatives = new NegativeMining { PerQuery = 1, FromTop = 9, BelowPositive = belowPositive },
        };
        var queries = BatchSampler.Queries(data, stage);
        var mined = new ImmutableArray<ImmutableArray<int>>[ranks];
        RankThreads.Run(ranks, group => mined[group.Rank] = new NegativeMiner(data, group, new HashSpace(), stage).Mine(queries));

        var expected = queries.Select(query => Expected(query, stage.MinedNegatives)).ToArray();
        Assert.All(mined, lists => Assert.Equal(expected, lists.Select(list => list.ToArray())));
        Assert.Contains(expected, list => list.Length < 9);
    }

    private int[] Expected(Query query, NegativeMining mining)
    {
        var of = Vector(ItemRef.Of(query, 0));
        var best = query.Positives.Max(Score);
        return
        [
            .. data.Pool(query.Task, PoolKind.Local).Except(query.Positives).OrderByDescending(Score).Take(mining.FromTop)
                .Where(candidate => Score(candidate) < best - (1 - mining.BelowPositive) * Math.Abs(best)),
        ];

        double Score(int candidate) => of.Zip(Vector(ItemRef.Of(data.Candidates[candidate])), (a, b) => (double)a * b).Sum();
    }

    /// <summary>Unit vectors drawn from the item's own words.</summary>
    private static float[] Vector(ItemRef item)
    {
        var noise = new Random(string.GetHashCode($"{item.Text}/{item.ImagePath}", StringComparison.Ordinal));
        var vector = Enumerable.Range(0, Width).Select(_ => noise.NextDouble() - 0.5).ToArray();
        var length = Math.Sqrt(vector.Sum(x => x * x));
        return [.. vector.Select(x => (float)(x / length))];
    }

    private sealed class HashSpace : IEmbeddingSpace
    {
        public int Width => NegativeMinerTests.Width;

        public bool Holds(ItemRef item) => true;

        public Tensor Embed(IReadOnlyList<ItemRef> items) => tensor([.. items.SelectMany(Vector)], [items.Count, Width]);
    }
}
