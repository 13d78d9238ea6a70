using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

public sealed class AdamWTests
{
    [Theory, InlineData(ScalarType.Float64, 1e-10), InlineData(ScalarType.Float32, 1e-5)]
    public void Should_EqualTheLibrarys_When_SteppedWithTheSameGradients(ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        using var ours = Small(type);
        using var theirs = Small(type);
        using var flat = new FlatParameters(ours);
        using var optimizer = new AdamW(flat, Stage(clipNorm: 1e9));
        var decayed = theirs.parameters().Where(parameter => parameter.dim() >= 2);
        var rest = theirs.parameters().Where(parameter => parameter.dim() < 2);
        var reference = new[] { (decayed, 0.1), (rest, 0.0) }
            .Select(group => optim.AdamW(group.Item1, lr: 0.01, beta1: 0.9, beta2: 0.98, eps: 1e-8, weight_decay: group.Item2))
            .ToArray();

        for (var step = 0; step < 20; step++)
        {
            var input = Draws.Noise(step, 4, 6).to(type);
            ours.call(input).square().sum().backward();
            foreach (var part in reference)
                part.zero_grad();
            theirs.call(input).square().sum().backward();
            optimizer.Step(0.01);
            foreach (var part in reference)
                part.step();
        }

        Assert.All(ours.parameters().Zip(theirs.parameters()), pair =>
            Assert.InRange((pair.First - pair.Second).abs().max().ToNumber(), 0, tolerance));
    }

    [Fact]
    public void Should_GiveTheSameBits_When_TheSameParametersAreUpdatedInSlices()
    {
        const int count = 61;
        float[] Draw(int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
        }
        float[][] Update(params int[] borders)
        {
            var (values, first, second) = (Draw(1), Draw(2), Draw(3));
            foreach (var (from, to) in borders.Zip(borders.Skip(1)))
                AdamWKernel.Update(values.AsSpan(from..to), Draw(4).AsSpan(from..to), first.AsSpan(from..to), second.AsSpan(from..to), Factors);
            return [values, first, second];
        }
        Assert.Equal(Update(0, count), Update(0, 5, 20, 44, count));
    }

    /// <summary>What a stage without rules has always been: matrices end to end, then the rest, each updated in one go.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public void Should_GiveTheBitsOfTwoUpdates_When_NoRuleSaysOtherwise(bool spelledOut)
    {
        using var scope = NewDisposeScope();
        using var module = Small(ScalarType.Float32);
        var stage = Stage(clipNorm: 0.5) with { Parameters = spelledOut ? [new ParameterRule { Match = "*", Rate = 1 }] : null };
        using var flat = new FlatParameters(new ModelParameters(module), stage);
        using var optimizer = new AdamW(flat, stage);
        Assert.Equal([("0.weight", 0L), ("3.weight", 32), ("0.bias", 48), ("2.weight", 64), ("2.bias", 80), ("3.bias", 96)], flat.Parts.Select(part => (part.Name, part.First)));
        var (values, first, second) = (flat.Values.data<float>().ToArray(), new float[112], new float[112]);
        for (var step = 1; step <= 5; step++)
        {
            using (no_grad())
                flat.Gradients.copy_(Draws.Noise(step, 112));
            var gradients = flat.Gradients.data<float>().ToArray();
            var factors = new AdamWFactors<double>(
                0.9, 1 - 0.9, 0.98, 1 - 0.98, 1e-8, 0.5 / (optimizer.GradientNorm() + 1e-6), 1, 0.01 / (1 - Math.Pow(0.9, step)), 1 / Math.Sqrt(1 - Math.Pow(0.98, step)));
            AdamWKernel.Update<float>(values.AsSpan(..48), gradients.AsSpan(..48), first.AsSpan(..48), second.AsSpan(..48), (factors with { Shrink = 1 - (0.01 * 0.1) }).To<float>());
            AdamWKernel.Update<float>(values.AsSpan(48..), gradients.AsSpan(48..), first.AsSpan(48..), second.AsSpan(48..), factors.To<float>());
            optimizer.Step(0.01);
            Assert.Equal(values, flat.Values.data<float>().ToArray());
            Assert.Equal(first, optimizer.FirstMoment.data<float>().ToArray());
            Assert.Equal(second, optimizer.SecondMoment.data<float>().ToArray());
        }
    }

    [Fact]
    public void Should_ScaleToTheNorm_When_GradientIsLarger()
    {
        using var scope = NewDisposeScope();
        using var module = Small();
        using var flat = new FlatParameters(module);
        using var optimizer = new AdamW(flat, Stage(clipNorm: 0.5));
        (module.call(ones(2, 6, ScalarType.Float64)).sum() * 100).backward();
        var norm = flat.Gradients.norm().item<double>();
        Assert.True(norm > 1);
        Assert.Equal(norm, optimizer.Step(0.01), 9);
        Assert.Equal(0.05, optimizer.FirstMoment.norm().item<double>(), 6); // (1 - beta1) * clipped gradient
        Assert.Equal(0, flat.Gradients.norm().item<double>());
    }

    [Fact]
    public void Should_RefuseAndChangeNothing_When_GradientIsNotFinite()
    {
        using var scope = NewDisposeScope();
        using var module = Small();
        using var flat = new FlatParameters(module);
        using var optimizer = new AdamW(flat, Stage(clipNorm: 1));
        var before = flat.Values.clone();
        flat.Gradients[3] = double.NaN;
        Assert.Throws<NonFiniteException>(() => optimizer.Step(0.01));
        Assert.True(before.eq(flat.Values).all().item<bool>());
    }

    [Fact]
    public void Should_WarmUpThenFallToNearZero_When_ScheduleIsCosine()
    {
        var stage = Stage(clipNorm: 1) with { Steps = 100, WarmupSteps = 10, LearningRate = 1 };
        Assert.Equal(0.1, LearningRate.At(stage, 1), 12);
        Assert.Equal(1, LearningRate.At(stage, 10), 12);
        Assert.Equal(1, LearningRate.At(stage, 11), 12);
        Assert.Equal(0.5, LearningRate.At(stage, 56), 12);
        Assert.InRange(LearningRate.At(stage, 100), 0, 0.001);
        Assert.Equal(1, LearningRate.At(stage with { Schedule = Schedule.Constant }, 100), 12);
    }

    private static AdamWFactors<float> Factors { get; } = new(0.9f, 0.1f, 0.98f, 0.02f, 1e-8f, Clip: 0.7f, Shrink: 0.99f, Rate: 0.03f, Correction: 1.1f);

    private static StageSpec Stage(double clipNorm) => new()
    {
        Name = "s",
        Tasks = [0],
        Steps = 20,
        GlobalBatch = 4,
        LearningRate = 0.01,
        WeightDecay = 0.1,
        ClipNorm = clipNorm,
    };

    private static TorchSharp.Modules.Sequential Small(ScalarType type = ScalarType.Float64)
    {
        var module = nn.Sequential(nn.Linear(6, 5), nn.GELU(), nn.LayerNorm(5), nn.Linear(5, 3));
        Initialization.Draw(module, seed: 3);
        module.to(type);
        return module;
    }
}
