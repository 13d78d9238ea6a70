using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>What a loss leaves out of the negatives, counted by the query's data set.</summary>
public sealed class MaskedNegativesTests
{
    /// <summary>Candidates of each row and the data set of its query. Candidate 1 stands three times, candidate 4 twice.</summary>
    private static readonly (int Candidate, int DataSet)[] Rows = [(1, 9), (2, 0), (1, 0), (4, 3), (1, 9), (4, 3), (7, 5)];

    public static TheoryData<int, Loss, bool> Cases => new(
        from ranks in (int[])[1, 2, 3]
        from loss in (Loss[])[Loss.Softmax, Loss.Sigmoid]
        from symmetric in (bool[])[false, true]
        where !symmetric || loss == Loss.Softmax
        select (ranks, loss, symmetric));

    [Theory, MemberData(nameof(Cases))]
    public void Should_CountThemByDataSetOnEveryRank_When_TheBatchIsDivided(int ranks, Loss loss, bool symmetric)
    {
        var counted = new BatchLoss[ranks];
        RankThreads.Run(ranks, group =>
        {
            using var retriever = new Retriever(TestItems.Plan(Fusion.Early) with { LogitBias = -10 }, seed: 1);
            using var parameters = new FlatParameters(retriever);
            counted[group.Rank] = new GradientCache(group, new StepClock(), symmetric, loss: loss).Backward(retriever, Batch(group));
        });
        Assert.All(counted, batch =>
        {
            Assert.Equal([(0, 2), (3, 2), (9, 4)], batch.MaskedByDataSet.Select(pair => (pair.Key, pair.Value)));
            Assert.Equal(8, batch.Masked);
        });
    }

    private static PairBatch Batch(IProcessGroup group)
    {
        ImmutableArray<int>[] candidates = [.. Rows.Select(row => ImmutableArray.Create(row.Candidate))];
        var layout = new BatchLayout(candidates, candidates, group.Rank, group.WorldSize, [.. Rows.Select(row => row.DataSet)]);
        return new PairBatch
        {
            Step = 1,
            Queries = TestItems.Mixed(Rows.Length, seed: 1).Slice(layout.Local.First, layout.Local.Count),
            Candidates = TestItems.Mixed(Rows.Length, seed: 2).Slice(layout.Local.First, layout.Local.Count),
            Layout = layout,
            LedgerEntry = "",
        };
    }
}
