using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>A batch's health figures against their definitions, computed by loops over the whole batch in one process.</summary>
public sealed class BatchFiguresTests
{
    private const double Tolerance = 1e-9;
    private const int Count = 11;

    /// <summary>Candidate of each row: 1 and 4 stand twice, so that some places are masked.</summary>
    private static readonly int[] Positive = [1, 2, 3, 4, 5, 1, 6, 4, 7, 8, 9];
    private static readonly int[] Tasks = [0, 7, 0, 3, 7, 7, 0, 3, 3, 0, 7];

    public static TheoryData<int, int?, Loss, bool> Cases => new(
        from ranks in (int[])[1, 3]
        from chunk in (int?[])[null, 4]
        from loss in (Loss[])[Loss.Softmax, Loss.Sigmoid]
        from symmetric in (bool[])[false, true]
        where !symmetric || loss == Loss.Softmax
        select (ranks, chunk, loss, symmetric));

    [Theory, MemberData(nameof(Cases))]
    public void Should_BeThoseOfTheWholeBatchOnEveryRank_When_RanksAndChunksDivideIt(int ranks, int? chunk, Loss loss, bool symmetric)
    {
        var figures = new BatchLoss[ranks];
        RankThreads.Run(ranks, group =>
        {
            using var retriever = NewRetriever();
            using var parameters = new FlatParameters(retriever);
            figures[group.Rank] = new GradientCache(group, new StepClock(), symmetric, chunk, loss).Backward(retriever, Batch(group.Rank, ranks));
        });

        using var scope = NewDisposeScope();
        using var whole = NewRetriever();
        var batch = Batch(0, 1);
        var queries = Rows(whole.call(batch.Queries));
        var candidates = Rows(whole.call(batch.Candidates));
        Assert.All(figures, figure =>
        {
            var rows = Enumerable.Range(0, Count).Select(row => Nearest(queries[row], candidates, row)).ToArray();
            Assert.Equal(rows.Average(row => row.Own - row.Wrong), figure.Margin!.Value, Tolerance);
            Assert.Equal(rows.Count(row => row.Wrong > row.Own && ModalityOf(row.Column) != ModalityOf(row.Row)) / (double)Count, figure.WrongModality, Tolerance);
            Assert.Equal(Spread(queries), figure.QuerySpread, Tolerance);
            Assert.Equal(Spread(candidates), figure.CandidateSpread, Tolerance);
            Assert.Equal([0, 3, 7], figure.LossByTask.Keys);
            Assert.Equal(figure.Loss, figure.LossByTask.Sum(task => task.Value * Tasks.Count(other => other == task.Key)) / Count, Tolerance);
        });
        Assert.InRange(figures[0].WrongModality, 1.0 / Count, 1);
        Assert.Equal(3, figures[0].LossByTask.Values.Distinct().Count());
    }

    [Fact]
    public void Should_WriteNoMargin_When_EveryQuerysOtherCandidatesAreMasked()
    {
        using var scope = NewDisposeScope();
        ImmutableArray<int>[] same = [[1], [1]];
        var layout = new BatchLayout(same, same, rank: 0, world: 1);
        var items = eye(2, 4);
        using var group = LocalProcessGroup.Create(1)[0];
        var figures = BatchLoss.Over(group, InfoNce.Compute(items, items, 0.1, layout), layout, 0.1, items, items);
        Assert.Equal("null", JsonSerializer.Serialize(figures.Margin, JointFusionJson.Line));
    }

    private static (int Row, double Own, double Wrong, int Column) Nearest(double[] query, double[][] candidates, int row)
    {
        var others = Enumerable.Range(0, Count).Where(column => Positive[column] != Positive[row]).ToArray();
        var best = others.MaxBy(column => Dot(query, candidates[column]));
        return (row, Dot(query, candidates[row]), Dot(query, candidates[best]), best);
    }

    private static double Spread(double[][] rows)
    {
        var mean = Enumerable.Range(0, rows[0].Length).Select(i => rows.Average(row => row[i])).ToArray();
        return 1 - Dot(mean, mean);
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[][] Rows(Tensor embeddings_NE) => [.. embeddings_NE.data<double>().ToArray().Chunk((int)embeddings_NE.size(1))];

    private static Modality ModalityOf(int row) => ModalityOfCandidate(Positive[row]);

    private static Modality ModalityOfCandidate(int candidate) => (Modality)(candidate % 3);

    private static Retriever NewRetriever()
    {
        var retriever = new Retriever(TestItems.Plan(Fusion.Early) with { LogitBias = -10 }, seed: 1);
        retriever.to(ScalarType.Float64);
        return retriever;
    }

    private static PairBatch Batch(int rank, int world)
    {
        ImmutableArray<int>[] candidates = [.. Positive.Select(candidate => ImmutableArray.Create(candidate))];
        var layout = new BatchLayout(candidates, candidates, rank, world, taskOfRow: Tasks, modalityOf: ModalityOfCandidate);
        return new PairBatch
        {
            Step = 1,
            Queries = TestItems.Mixed(Count, seed: 1).Slice(layout.Local.First, layout.Local.Count),
            Candidates = TestItems.Mixed(Count, seed: 2).Slice(layout.Local.First, layout.Local.Count),
            Layout = layout,
            LedgerEntry = "",
        };
    }
}
