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

    public static TheoryData<Fusion, int> Cases =>
        new(from fusion in Enum.GetValues<Fusion>() from ranks in (int[])[1, 2, 3, 4] select (fusion, ranks));

    [Theory, MemberData(nameof(Cases))]
    public void Should_EqualOneProcess_When_BatchIsDivided(Fusion fusion, int ranks)
    {
        using var scope = NewDisposeScope();
        var expected = WholeBatch(fusion);
        foreach (var (loss, gradients) in OverRanks(fusion, ranks, group => group))
        {
            Assert.Equal(expected.Loss, loss, 10);
            AssertEqual(expected.Gradients, gradients);
        }
    }

    [Fact]
    public void Should_Differ_When_AGatherIsDropped()
    {
        using var scope = NewDisposeScope();
        var expected = WholeBatch(Fusion.Early);
        var (_, gradients) = OverRanks(Fusion.Early, 2, group => new DroppedGather(group))[0];
        Assert.Throws<Xunit.Sdk.TrueException>(() => AssertEqual(expected.Gradients, gradients));
    }

    [Fact]
    public void Should_Differ_When_CandidateGradientsStayHome()
    {
        using var scope = NewDisposeScope();
        var expected = WholeBatch(Fusion.Early);
        var (_, gradients) = OverRanks(Fusion.Early, 2, group => new DroppedScatter(group))[0];
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
            var (first, count) = Share.Of(group.Rank, 2, GlobalBatch);
            losses[group.Rank] = new GradientCache(group, new StepClock()).Backward(retriever, Batch(first, count)).Loss;
        });
        Assert.All(losses, loss => Assert.True(double.IsNaN(loss)));
    }

    private static (double Loss, Dictionary<string, Tensor> Gradients) WholeBatch(Fusion fusion)
    {
        using var retriever = Double(fusion);
        var batch = Batch(0, GlobalBatch);
        var share = InfoNce.Compute(
            retriever.call(batch.Queries), retriever.call(batch.Candidates), retriever.LogTemperature, batch);
        share.Loss.backward();
        return (share.Loss.item<double>(), retriever.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone()));
    }

    private static (double Loss, Dictionary<string, Tensor> Gradients)[] OverRanks(
        Fusion fusion, int ranks, Func<IProcessGroup, IProcessGroup> decorate)
    {
        var results = new (double, Dictionary<string, Tensor>)[ranks];
        RankThreads.Run(ranks, inner =>
        {
            var group = decorate(inner);
            using var retriever = Double(fusion);
            using var flat = new FlatParameters(retriever);
            var (first, count) = Share.Of(group.Rank, ranks, GlobalBatch);
            var loss = new GradientCache(group, new StepClock()).Backward(retriever, Batch(first, count));
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

    private static PairBatch Batch(int first, int count)
    {
        int[] candidates = [3, 4, 5, 3, 6, 7, 8, 9, 4]; // two repeats: false negatives are masked on every rank alike
        return new PairBatch
        {
            Step = 1,
            Queries = TestItems.Slice(TestItems.Mixed(GlobalBatch, seed: 21), first, count),
            Candidates = TestItems.Slice(TestItems.Of(GlobalBatch, seed: 22, _ => (false, true)), first, count),
            FirstRow = first,
            GlobalCandidates = candidates,
            Positives = [.. candidates[first..(first + count)].Select(candidate => ImmutableArray.Create(candidate))],
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
