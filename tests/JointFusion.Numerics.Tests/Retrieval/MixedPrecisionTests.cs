using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>bf16 products beside fp32 weights: near what fp32 computes, never the same, and nothing small is lost.</summary>
public sealed class MixedPrecisionTests
{
    public static TheoryData<Fusion> Fusions => [.. Enum.GetValues<Fusion>()];

    [Theory, MemberData(nameof(Fusions))]
    public void Should_EmbedNearlyAsFp32_When_ProductsAreBf16(Fusion fusion)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var fp32 = Build(fusion, Precision.Fp32);
        using var bf16 = Build(fusion, Precision.Bf16);
        var items = TestItems.Mixed(9, seed: 3);
        var (exact, rounded) = (fp32.call(items), bf16.call(items));

        Assert.Equal(ScalarType.Float32, rounded.dtype);
        Assert.InRange((exact * rounded).sum(1).min().item<float>(), 0.9995f, 1.0001f); // 0.99997 when this was written
        Assert.All(Enumerable.Range(0, items.Count), i => Assert.NotEqual(exact[i].data<float>().ToArray(), rounded[i].data<float>().ToArray()));
    }

    [Theory, MemberData(nameof(Fusions))]
    public void Should_EmbedEachItemNearlyAsIfAlone_When_BatchIsPadded(Fusion fusion)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var retriever = Build(fusion, Precision.Bf16);
        var items = TestItems.Mixed(6, seed: 4);
        var together = retriever.call(items);
        for (var i = 0; i < items.Count; i++)
            Assert.InRange((together[i] * retriever.call(items.Slice(i, 1))[0]).sum().item<float>(), 0.9995f, 1.0001f);
    }

    [Theory, MemberData(nameof(Fusions))]
    public void Should_LeaveFp32GradientsNearThoseOfFp32_When_ProductsAreBf16(Fusion fusion)
    {
        var (exact, rounded) = (Gradients(fusion, Precision.Fp32), Gradients(fusion, Precision.Bf16));

        using var scope = NewDisposeScope();
        foreach (var (name, gradient) in exact)
        {
            var (a, b) = (tensor(gradient), tensor(rounded[name]));
            var floor = 1e-3 * tensor(exact.Values.SelectMany(values => values).ToArray()).norm().item<float>();
            Assert.True((a - b).norm().item<float>() < 0.05 * Math.Max(a.norm().item<float>(), floor), name);
        }
    }

    [Fact]
    public void Should_LearnAsFp32Does_When_ProductsAreBf16()
    {
        var (exact, rounded) = (Losses(Precision.Fp32), Losses(Precision.Bf16));

        Assert.True(rounded[^1] < 0.8 * rounded[0], $"{rounded[0]} -> {rounded[^1]}");
        Assert.All(exact.Zip(rounded), pair => Assert.InRange(pair.Second / pair.First, 0.9, 1.1)); // 0.987 to 1.028
    }

    [Fact]
    public void Should_KeepWhatBf16WouldRoundAway_When_UpdatesAreSmall()
    {
        using var scope = NewDisposeScope();
        using var training = new Training(Precision.Bf16, rate: 1e-6);
        var before = training.Parameters.Values.clone();
        training.Step();

        var moved = training.Parameters.Values.ne(before);
        var lost = training.Parameters.Values.to(ScalarType.BFloat16).eq(before.to(ScalarType.BFloat16));
        Assert.True((moved & lost).sum().item<long>() > training.Parameters.Values.numel() / 2);
    }

    private static Retriever Build(Fusion fusion, Precision precision) => new(TestItems.Plan(fusion) with { Precision = precision }, seed: 1);

    private static Dictionary<string, float[]> Gradients(Fusion fusion, Precision precision)
    {
        using var scope = NewDisposeScope();
        using var retriever = Build(fusion, precision);
        using var parameters = new FlatParameters(retriever);
        RankThreads.Run(1, group => new GradientCache(group, new StepClock()).Backward(retriever, TestBatches.Of(rows: 6, rank: 0, world: 1)));
        return parameters.Parts.ToDictionary(pair => pair.Name, pair => pair.Parameter.grad!.data<float>().ToArray());
    }

    private static double[] Losses(Precision precision)
    {
        using var training = new Training(precision, rate: 1e-3);
        return [.. Enumerable.Range(0, 8).Select(_ => training.Step())];
    }

    /// <summary>The same few pairs again and again.</summary>
    private sealed class Training : IDisposable
    {
        private readonly Retriever retriever;
        private readonly AdamW optimizer;
        private readonly double rate;

        public Training(Precision precision, double rate)
        {
            this.rate = rate;
            retriever = Build(Fusion.Early, precision);
            Parameters = new FlatParameters(retriever);
            optimizer = new AdamW(Parameters, new StageSpec { Name = "only", Tasks = [7], Steps = 1, GlobalBatch = 6, LearningRate = rate });
        }

        public FlatParameters Parameters { get; }

        /// <returns>Its loss.</returns>
        public double Step()
        {
            BatchLoss? loss = null;
            RankThreads.Run(1, group =>
            {
                using var scope = NewDisposeScope();
                loss = new GradientCache(group, new StepClock()).Backward(retriever, TestBatches.Of(rows: 6, rank: 0, world: 1));
                optimizer.Step(rate);
            });
            return loss!.Loss;
        }

        public void Dispose()
        {
            optimizer.Dispose();
            Parameters.Dispose();
            retriever.Dispose();
        }
    }
}
