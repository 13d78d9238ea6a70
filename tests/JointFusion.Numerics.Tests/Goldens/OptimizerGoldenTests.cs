using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Training;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Rates and updates against torch.optim and torch.optim.lr_scheduler.</summary>
public sealed class OptimizerGoldenTests
{
    private static readonly RateGolden[] Schedules = GoldenFile.Read<RateGolden[]>("schedules");

    public static TheoryData<int> Places => new(Enumerable.Range(0, Schedules.Length));

    [Theory, MemberData(nameof(Places))]
    public void Should_EqualPyTorchsRates_When_ScheduleIs(int place)
    {
        var stage = Schedules[place].Stage.Spec;
        var rates = Enumerable.Range(1, stage.Steps).Select(step => LearningRate.At(stage, step));
        Assert.Equal(Schedules[place].Rates, rates, (expected, actual) => Math.Abs(expected - actual) < 1e-15);
    }

    /// <summary>Some steps are clipped, others not; matrices decay, biases, norms and scalars do not; the rate rises and falls.</summary>
    [Fact]
    public void Should_EqualPyTorchsParametersAfterEachStep_When_GradientsAreGiven()
    {
        using var module = new SmallModule();
        Follow(GoldenFile.Read<TrajectoryGolden>("adamw"), module);
    }

    /// <summary>By rules, some of which several parameters fit, and by layers; one parameter is frozen and not part of the norm.</summary>
    [Fact]
    public void Should_EqualPyTorchsParametersAfterEachStep_When_GroupsHaveRatesAndDecaysOfTheirOwn()
    {
        using var module = new LayeredModule();
        Follow(GoldenFile.Read<TrajectoryGolden>("adamw-groups"), module);
    }

    private static void Follow(TrajectoryGolden golden, nn.Module module)
    {
        using var scope = NewDisposeScope();
        var stage = golden.Stage.Spec;
        module.to(ScalarType.Float64);
        GoldenFormula.Fill(module);
        using var parameters = new FlatParameters(new ModelParameters(module), stage);
        using var optimizer = new Training.AdamW(parameters, stage);
        Assert.Contains(golden.Steps, step => step.Norm < stage.ClipNorm);
        Assert.Contains(golden.Steps, step => step.Norm > stage.ClipNorm);

        foreach (var (number, expected) in golden.Steps.Index())
        {
            foreach (var part in parameters.Parts)
            {
                var gradient = GoldenFormula.Values($"gradient {number + 1} of {part.Name}", (int)part.Parameter.numel());
                part.Of(parameters.Gradients).copy_((tensor(gradient) * expected.GradientFactor).view(part.Parameter.shape));
            }
            Assert.Equal(expected.Norm, optimizer.Step(LearningRate.At(stage, number + 1)), 12);
            Assert.Equal(expected.Parameters.Count, module.named_parameters().Count());
            Assert.All(module.named_parameters(), pair => GoldenFormula.AssertNear(expected.Parameters[pair.name], pair.parameter, $"step {number + 1}: {pair.name}"));
        }
    }

    private sealed class SmallModule : nn.Module
    {
        private readonly Linear first = nn.Linear(4, 3);
        private readonly LayerNorm innerNorm = nn.LayerNorm(3);
        private readonly Linear last = nn.Linear(3, 2, hasBias: false);
        private readonly Parameter scalar = nn.Parameter(zeros([]));

        public SmallModule() : base(nameof(SmallModule)) => RegisterComponents();
    }

    private sealed class LayeredModule : nn.Module
    {
        private readonly Tower tower = new();
        private readonly Linear last = nn.Linear(3, 2);
        private readonly Parameter scalar = nn.Parameter(zeros([]));

        public LayeredModule() : base(nameof(LayeredModule)) => RegisterComponents();
    }

    private sealed class Tower : nn.Module
    {
        private readonly Parameter places = nn.Parameter(zeros(2, 3));
        private readonly ModuleList<Linear> layers = nn.ModuleList(nn.Linear(3, 3), nn.Linear(3, 3));
        private readonly LayerNorm finalNorm = nn.LayerNorm(3);

        public Tower() : base(nameof(Tower)) => RegisterComponents();
    }

    private sealed record StageGolden(
        double LearningRate, int Steps, int WarmupSteps, Schedule Schedule, double WeightDecay = 0, double ClipNorm = 1,
        ImmutableArray<ParameterRule>? Parameters = null, double? LayerDecay = null)
    {
        public StageSpec Spec => new()
        {
            Name = "golden",
            Tasks = [0],
            GlobalBatch = 2,
            Steps = Steps,
            LearningRate = LearningRate,
            WarmupSteps = WarmupSteps,
            Schedule = Schedule,
            WeightDecay = WeightDecay,
            ClipNorm = ClipNorm,
            Parameters = Parameters,
            LayerDecay = LayerDecay,
        };
    }

    private sealed record RateGolden(StageGolden Stage, double[] Rates);
    private sealed record TrajectoryGolden(StageGolden Stage, StepGolden[] Steps);
    private sealed record StepGolden(double GradientFactor, double Norm, Dictionary<string, double[]> Parameters);
}
