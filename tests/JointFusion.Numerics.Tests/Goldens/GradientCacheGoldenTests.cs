using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>From items to every parameter's gradient, over ranks and chunks, against PyTorch's over the whole batch.</summary>
public sealed class GradientCacheGoldenTests
{
    private static readonly Golden[] Goldens = GoldenFile.Read<Golden[]>("gradient-cache");

    public static TheoryData<string, int, int?> Cases => new(
        from golden in Goldens
        from ranks in (int[])[1, 2, 3]
        from chunk in (int?[])[null, 2]
        select (golden.Name, ranks, chunk));

    [Theory, MemberData(nameof(Cases))]
    public void Should_EqualPyTorch_When_RanksAndChunksDivideTheBatch(string name, int ranks, int? chunk)
    {
        var golden = Goldens.Single(golden => golden.Name == name);
        var isSigmoid = golden.LossName == "sigmoid";
        RankThreads.Run(ranks, group =>
        {
            using var retriever = GoldenFormula.Retriever(golden.Shape, golden.Temperature, isSigmoid ? golden.LogitBias : null);
            using var parameters = new FlatParameters(retriever);
            var cache = new GradientCache(group, new StepClock(), golden.LossName == "symmetric", chunk, isSigmoid ? Loss.Sigmoid : Loss.Softmax);
            var loss = cache.Backward(retriever, Share(golden, group.Rank, ranks));
            group.AllReduce(parameters.Gradients);
            Assert.Equal(golden.Loss, loss.Loss, 12);
            GoldenFormula.AssertGradients(golden.Gradients, parameters);
        });
    }

    private static PairBatch Share(Golden golden, int rank, int world)
    {
        var layout = GoldenRow.Layout(golden.Rows, rank, world);
        return new PairBatch
        {
            Step = 1,
            Queries = GoldenItem.Batch(golden.Queries, golden.Shape).Slice(layout.Local.First, layout.Local.Count),
            Candidates = GoldenItem.Batch(golden.Candidates, golden.Shape).Slice(layout.CandidatesOfRank[..rank].Sum(), layout.CandidatesOfRank[rank]),
            Layout = layout,
            LedgerEntry = "",
        };
    }

    private sealed record Golden(
        string Name, RetrieverShape Shape, string LossName, double Temperature, double LogitBias, GoldenRow[] Rows, GoldenItem[] Queries,
        GoldenItem[] Candidates, double Loss, Dictionary<string, double[]> Gradients);
}
