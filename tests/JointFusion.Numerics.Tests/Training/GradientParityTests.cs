using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>N ranks with their shares of a batch against autograd over the whole batch in one process, in float64.</summary>
public sealed class GradientParityTests
{
    private const int GlobalBatch = 9; // divides by neither 2 nor 4: uneven shares

    public static TheoryData<Fusion, int, bool> Cases => new(
        from fusion in Enum.GetValues<Fusion>() from ranks in (int[])[1, 2, 3, 4] from hardNegatives in (bool[])[false, true]
        select (fusion, ranks, hardNegatives));

    [Theory, MemberData(nameof(Cases))]
    public void Should_EqualOneProcess_When_BatchIsDivided(Fusion fusion, int ranks, bool hardNegatives)
    {
        using var scope = NewDisposeScope();
        var expected = WholeBatch(fusion, hardNegatives);
        foreach (var (loss, gradients) in OverRanks(fusion, ranks, hardNegatives, group => group))
        {
            Assert.Equal(expected.Loss, loss, 10);
            AssertEqual(expected.Gradients, gradients);
        }
    }

    [Fact]
    public void Should_Differ_When_AGatherIsDropped()
    {
        using var scope = NewDisposeScope();
        var expected = WholeBatch(Fusion.Early, hardNegatives: false);
        var (_, gradients) = OverRanks(Fusion.Early, 2, hardNegatives: false, group => new DroppedGather(group))[0];
        Assert.Throws<Xunit.Sdk.TrueException>(() => AssertEqual(expected.Gradients, gradients));
    }

    [Fact]
    public void Should_Differ_When_CandidateGradientsStayHome()
    {
        using var scope = NewDisposeScope();
        var expected = WholeBatch(Fusion.Early, hardNegatives: false);
        var (_, gradients) = OverRanks(Fusion.Early, 2, hardNegatives: false, group => new DroppedScatter(group))[0];
        Assert.Throws<Xunit.Sdk.TrueException>(() => AssertEqual(expected.Gradients, gradients));
    }

    [Fact]
    public void Should_BeNonFiniteOnEveryRank_When_OneRanksWeightIs()
    {
        var losses = new double[2];
        RankThreads.Run(2, group =>
        {
            using var retriever = Double(Fusion.Early);
            using (no_grad())
            {
                if (group.Rank == 1)
                    retriever.LogTemperature.fill_(double.NaN);
            }
            losses[group.Rank] = new GradientCache(group, new StepClock()).Backward(retriever, Batch(group.Rank, ranks: 2, hardNegatives: false)).Loss;
        });
        Assert.All(losses, loss => Assert.True(double.IsNaN(loss)));
    }

    private static (double Loss, Dictionary<string, Tensor> Gradients) WholeBatch(Fusion fusion, bool hardNegatives)
    {
        using var retriever = Double(fusion);
        var batch = Batch(rank: 0, ranks: 1, hardNegatives);
        var share = InfoNce.Compute(
            retriever.call(batch.Queries), retriever.call(batch.Candidates), retriever.LogTemperature, batch);
        share.Loss.backward();
        return (share.Loss.item<double>(), retriever.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone()));
    }

    private static (double Loss, Dictionary<string, Tensor> Gradients)[] OverRanks(
        Fusion fusion, int ranks, bool hardNegatives, Func<IProcessGroup, IProcessGroup> decorate)
    {
        var results = new (double, Dictionary<string, Tensor>)[ranks];
        RankThreads.Run(ranks, inner =>
        {
            var group = decorate(inner);
            using var retriever = Double(fusion);
            using var flat = new FlatParameters(retriever);
            var loss = new GradientCache(group, new StepClock()).Backward(retriever, Batch(group.Rank, ranks, hardNegatives));
            group.AllReduce(flat.Gradients);
            results[group.Rank] = (loss.Loss, flat.Named.ToDictionary(p => p.Name, p => p.Parameter.grad!.clone().DetachFromDisposeScope()));
        });
        return results;
    }

    private static Retriever Double(Fusion fusion)
    {
        var retriever = new Retriever(TestItems.Plan(fusion), seed: 11);
        retriever.to(ScalarType.Float64);
        return retriever;
    }

    /// <summary>One rank's share. Two candidates repeat: false negatives are masked on every rank alike.</summary>
    private static PairBatch Batch(int rank, int ranks, bool hardNegatives)
    {
        int[][] candidates = hardNegatives
            ? [[3, 20], [4], [5, 21, 7], [3], [6, 22, 23], [7, 3], [8], [9], [4, 24]] // as many as a query has; 7 and 3 are others' positives
            : [[3], [4], [5], [3], [6], [7], [8], [9], [4]];
        Assert.Equal(GlobalBatch, candidates.Length);
        var (first, count) = Share.Of(rank, ranks, GlobalBatch);
        int Place(int row) => candidates[..row].Sum(row => row.Length);
        var all = TestItems.Of(Place(GlobalBatch), seed: 22, _ => (false, true));
        return new PairBatch
        {
            Step = 1,
            Queries = TestItems.Slice(TestItems.Mixed(GlobalBatch, seed: 21), first, count),
            Candidates = TestItems.Slice(all, Place(first), Place(first + count) - Place(first)),
            GlobalRows = GlobalBatch,
            GlobalCandidates = [.. candidates.SelectMany(row => row)],
            CandidatesOfRank = [.. Enumerable.Range(0, ranks).Select(other => Share.Of(other, ranks, GlobalBatch)).Select(other => Place(other.First + other.Count) - Place(other.First))],
            Targets = [.. Enumerable.Range(first, count).Select(Place)],
            Positives = [.. candidates[first..(first + count)].Select(row => ImmutableArray.Create(row[0]))],
            LedgerEntry = "",
        };
    }

    /// <summary>Each difference against the total norm, so that a parameter whose gradient is all rounding does not decide.</summary>
    private static void AssertEqual(Dictionary<string, Tensor> expected, Dictionary<string, Tensor> actual)
    {
        var total = Math.Sqrt(expected.Values.Sum(gradient => gradient.square().sum().item<double>()));
        foreach (var (name, gradient) in expected)
        {
            var difference = (gradient - actual[name]).norm().item<double>();
            Assert.True(difference < 1e-9 * total, $"{name} is off by {difference:E1}, of a total norm of {total:E1}");
        }
    }
}
