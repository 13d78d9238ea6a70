using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>What a stage freezes: no gradient, no moments, and to the others it makes no difference.</summary>
public sealed class FrozenParametersTests
{
    private static readonly StageSpec Stage = new()
    {
        Name = "s",
        Tasks = [0],
        Steps = 20,
        GlobalBatch = 6,
        LearningRate = 0.01,
        Parameters = [new ParameterRule { Match = "*.blocks.0.*", Frozen = true }, new ParameterRule { Match = "*.table_VW.weight", Frozen = true }],
    };

    [Theory, InlineData(Fusion.Early), InlineData(Fusion.Score), InlineData(Fusion.Feature), InlineData(Fusion.Isolated)]
    public void Should_GiveTheOthersTheSameGradientsToTheBit_When_SomeAreFrozen(Fusion fusion)
    {
        using var scope = NewDisposeScope();
        using var retriever = new Retriever(TestItems.Plan(fusion), seed: 1);
        var model = new ModelParameters(retriever);
        using var all = new FlatParameters(model);
        Backward(retriever);
        var expected = all.Parts.ToDictionary(part => part.Name, part => part.Of(all.Gradients).clone());

        using var some = new FlatParameters(model, Stage);
        Backward(retriever);

        var frozen = expected.Keys.Except(some.Parts.Select(part => part.Name)).ToList();
        Assert.All(frozen, name => Assert.True(name.Contains(".blocks.0.", StringComparison.Ordinal) || name.EndsWith("table_VW.weight", StringComparison.Ordinal), name));
        Assert.Equal(1 + (12 * (fusion.HasOneTower() ? 1 : fusion == Fusion.Score ? 2 : 3)), frozen.Count);
        Assert.All(retriever.named_parameters().Where(pair => frozen.Contains(pair.name)), pair => Assert.Null(pair.parameter.grad));
        Assert.All(some.Parts, part => Assert.True(expected[part.Name].eq(part.Of(some.Gradients)).all().item<bool>(), part.Name));
        Assert.True(some.Gradients.norm().item<float>() > 0);
    }

    [Fact]
    public void Should_TrainThemAgainFromWhereTheyAre_When_ALaterStageDoes()
    {
        using var scope = NewDisposeScope();
        using var retriever = new Retriever(TestItems.Plan(Fusion.Early), seed: 1);
        var model = new ModelParameters(retriever);
        var start = Values(retriever);
        using (var frozen = new FlatParameters(model, Stage))
            Train(retriever, frozen, Stage);
        var between = Values(retriever);
        using var all = new FlatParameters(model, Stage with { Parameters = null });
        Assert.All(Values(retriever), pair => Assert.Equal(between[pair.Key], pair.Value));
        Train(retriever, all, Stage with { Parameters = null });

        Assert.All(start, pair => Assert.Equal(pair.Key.Contains(".blocks.0.", StringComparison.Ordinal) || pair.Key.EndsWith("table_VW.weight", StringComparison.Ordinal), pair.Value.SequenceEqual(between[pair.Key])));
        Assert.All(Values(retriever), pair => Assert.NotEqual(between[pair.Key], pair.Value));
        Assert.True(all.Fit(model, Stage with { Parameters = null, WeightDecay = 0.3 }));
        Assert.False(all.Fit(model, Stage));
    }

    private static Dictionary<string, float[]> Values(Retriever retriever) => retriever.named_parameters().ToDictionary(pair => pair.name, pair => pair.parameter.data<float>().ToArray());

    private static void Train(Retriever retriever, FlatParameters parameters, StageSpec stage)
    {
        using var optimizer = new AdamW(parameters, stage);
        Backward(retriever);
        optimizer.Step(0.01);
    }

    private static void Backward(Retriever retriever) =>
        new GradientCache(LocalProcessGroup.Create(1)[0], new StepClock()).Backward(retriever, TestBatches.Of(rows: 6, rank: 0, world: 1));
}
