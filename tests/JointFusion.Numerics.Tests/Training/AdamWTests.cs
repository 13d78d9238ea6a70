using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

public sealed class AdamWTests
{
    [Fact]
    public void Should_EqualTheLibrarys_When_SteppedWithTheSameGradients()
    {
        using var scope = NewDisposeScope();
        using var ours = Small();
        using var theirs = Small();
        using var flat = new FlatParameters(ours);
        using var optimizer = new AdamW(flat, Stage(clipNorm: 1e9));
        var decayed = theirs.parameters().Where(parameter => parameter.dim() >= 2);
        var rest = theirs.parameters().Where(parameter => parameter.dim() < 2);
        var reference = new[] { (decayed, 0.1), (rest, 0.0) }
            .Select(group => optim.AdamW(group.Item1, lr: 0.01, beta1: 0.9, beta2: 0.98, eps: 1e-8, weight_decay: group.Item2))
            .ToArray();

        for (var step = 0; step < 20; step++)
        {
            manual_seed(step);
            var input = randn(4, 6, ScalarType.Float64);
            ours.call(input).square().sum().backward();
            foreach (var part in reference)
                part.zero_grad();
            theirs.call(input).square().sum().backward();
            optimizer.Step(0.01);
            foreach (var part in reference)
                part.step();
        }

        Assert.All(ours.parameters().Zip(theirs.parameters()), pair =>
            Assert.True((pair.First - pair.Second).abs().max().item<double>() < 1e-10));
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

    private static TorchSharp.Modules.Sequential Small()
    {
        var module = nn.Sequential(nn.Linear(6, 5), nn.GELU(), nn.LayerNorm(5), nn.Linear(5, 3));
        Initialization.Draw(module, seed: 3);
        module.to(ScalarType.Float64);
        return module;
    }
}
