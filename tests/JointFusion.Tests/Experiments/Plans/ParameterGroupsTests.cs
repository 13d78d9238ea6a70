using System.Collections.Immutable;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Which parameter is trained how: rules, layers, and rules that nothing is trained by.</summary>
public sealed class ParameterGroupsTests
{
    private static readonly ExperimentSpec Spec = SpecTexts.Spec(SpecTexts.Valid);

    /// <summary>Two stacks of numbered layers, as in a model of pictures and words.</summary>
    private static readonly ImmutableArray<ParameterShape> Two =
    [
        Matrix("encoder.vision.embed"), Matrix("encoder.vision.layers.0.mlp.0.weight"), Vector("encoder.vision.layers.0.mlp.0.bias"), Matrix("encoder.vision.layers.1.mlp.0.weight"),
        Vector("encoder.vision.norm"), Matrix("encoder.bridge"), Matrix("encoder.words.embed"), Matrix("encoder.words.layers.0.up"), Matrix("encoder.words.layers.1.up"),
        Matrix("encoder.words.layers.2.up"), Vector("encoder.words.norm"), Matrix("encoder.head"),
    ];

    [Fact]
    public void Should_train_by_the_first_rule_that_fits_When_several_do()
    {
        var stage = Stage(
            new ParameterRule { Match = "*.layers.1.*" },
            new ParameterRule { Match = "encoder.vision.*", Frozen = true },
            new ParameterRule { Match = "*.up", Rate = 0.5, WeightDecay = 0.25 },
            new ParameterRule { Match = "*norm", Rate = 3 });

        var trained = ParameterGroups.Of(stage, Two);

        Assert.Equal(new ParameterTraining(Decays: true, Frozen: true), Of("encoder.vision.embed"));
        Assert.Equal(new ParameterTraining(Decays: false, Frozen: true), Of("encoder.vision.norm"));
        Assert.Equal(new ParameterTraining(Decays: true), Of("encoder.vision.layers.1.mlp.0.weight"));
        Assert.Equal(new ParameterTraining(Decays: true), Of("encoder.words.layers.1.up"));
        Assert.Equal(new ParameterTraining(Decays: true, Rate: 0.5, Decay: 0.25), Of("encoder.words.layers.2.up"));
        Assert.Equal(new ParameterTraining(Decays: false, Rate: 3), Of("encoder.words.norm"));
        Assert.Equal(new ParameterTraining(Decays: true), Of("encoder.head"));
        Assert.Empty(ParameterGroups.Faults(stage, Two));

        ParameterTraining Of(string name) => trained[Two.IndexOf(Two.Single(parameter => parameter.Name == name))];
    }

    /// <summary>Twice 0.5 to a power; the exponents are BEiT's: depth + 1 for embeddings, 1 for the last layer, 0 for what follows.</summary>
    [Fact]
    public void Should_let_rates_fall_layer_by_layer_in_each_stack_When_layers_are_numbered()
    {
        ParameterShape[] all = [new("logTemperature", []), .. Two];
        var stage = Stage(new ParameterRule { Match = "*.up", Rate = 2 }) with { LayerDecay = 0.5 };

        var rates = ParameterGroups.Of(stage, all).Select(training => training.Rate);

        Assert.Equal([1, 0.125, 0.25, 0.25, 0.5, 1, 0.0625, 0.0625, 2 * 0.125, 2 * 0.25, 2 * 0.5, 1, 1], rates);
        Assert.Empty(ParameterGroups.Faults(stage, all));
    }

    [Fact]
    public void Should_decay_matrices_alone_When_a_rule_gives_a_decay()
    {
        var trained = ParameterGroups.Of(Stage(new ParameterRule { Match = "encoder.vision.*", WeightDecay = 0.3 }), Two);

        Assert.Equal([0.3, 0.3, 0, 0.3, 0, 0.1, 0.1], trained.Take(7).Select(training => training.WeightDecay(ofStage: 0.1)));
    }

    [Theory]
    [InlineData("vision_tower.*", "parameters[0].match", "names are such as encoder.vision.embed")]
    [InlineData("*.layer.0.*", "parameters[0].match", "did you mean '*.layers.")]
    [InlineData("encoder.wordz.*", "parameters[0].match", "did you mean 'encoder.words.*'")]
    [InlineData("*.Head", "parameters[0].match", "did you mean '*.head'")]
    public void Should_name_what_is_near_When_a_rule_fits_nothing(string match, string key, string message)
    {
        var fault = Assert.Single(ParameterGroups.Faults(Stage(new ParameterRule { Match = match, Rate = 2 }), Two));

        Assert.Equal(key, fault.Key);
        Assert.Contains($"'{match}'", fault.Message, StringComparison.Ordinal);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_refuse_a_rule_When_nothing_is_left_for_it()
    {
        var stage = Stage(
            new ParameterRule { Match = "encoder.*", Frozen = true },
            new ParameterRule { Match = "*.up", Rate = 2 });

        Assert.Equal(["parameters[1].match", "parameters"], ParameterGroups.Faults(stage, Two).Select(fault => fault.Key));
        Assert.Equal("parameters[0].weight_decay", Assert.Single(ParameterGroups.Faults(Stage(new ParameterRule { Match = "*norm", WeightDecay = 0 }), Two)).Key);
        Assert.Equal("layer_decay", Assert.Single(ParameterGroups.Faults(Stage() with { LayerDecay = 0.9 }, [Matrix("encoder.head")])).Key);
    }

    [Fact]
    public void Should_refuse_at_planning_When_a_rule_fits_nothing_of_the_retriever()
    {
        var spec = Spec with { Stages = Spec.Stages.SetItem(1, Spec.Stages[1] with { Parameters = [new ParameterRule { Match = "*.towers.*", Rate = 2 }] }) };

        var fault = Assert.Single(ExperimentPlanner.Plan(spec, "early", Plans.Data, cores: 2).Faults);

        Assert.Equal("stages[1].parameters[0].match", fault.KeyPath);
        Assert.Contains("did you mean '*.tower.*'", fault.Message, StringComparison.Ordinal);
        var fixedTemperature = Spec with { Retriever = Spec.Retriever with { TemperatureFixed = true }, Stages = [Spec.Stages[0] with { Parameters = [new ParameterRule { Match = "logTemperature", Rate = 2 }] }] };
        Assert.Equal("stages[0].parameters[0].match", Assert.Single(ExperimentPlanner.Plan(fixedTemperature, "early", Plans.Data, cores: 2).Faults).KeyPath);
    }

    [Theory, InlineData(Fusion.Early), InlineData(Fusion.Score), InlineData(Fusion.Feature), InlineData(Fusion.Isolated)]
    public void Should_count_every_parameter_in_one_group_When_planned(Fusion fusion)
    {
        var stage = Spec.Stages[1] with { LayerDecay = 0.9, Parameters = [new ParameterRule { Match = "*.table_VW.weight", Frozen = true }] };
        var plan = Plans.Of(Spec with { Retriever = Spec.Retriever with { Fusion = fusion }, Stages = [Spec.Stages[0], stage] });

        Assert.Null(plan.Stages[0].Groups);
        var groups = plan.Stages[1].Groups!.Value;
        Assert.Equal(plan.Retriever.Parameters, groups.Sum(group => group.Scalars));
        var frozen = Assert.Single(groups, group => group.Frozen);
        Assert.Equal((1, 1_500L * (plan.Retriever.Shape.Joint ?? plan.Retriever.Shape.TextTower!).Width), (frozen.Tensors, frozen.Scalars));
        Assert.Equal(groups.Length - 1, groups.IndexOf(frozen));
    }

    [Fact]
    public void Should_hold_no_gradients_and_moments_of_what_is_frozen_When_memory_is_estimated()
    {
        var one = Spec with { Stages = [Spec.Stages[0]] };
        var frozen = one with { Stages = [Spec.Stages[0] with { Parameters = [new ParameterRule { Match = "*.text.*", Frozen = true }] }] };
        var shape = Plans.Of(one).Retriever.Shape;
        var text = (shape.VocabularySize + shape.MaxTextTokens) * (long)shape.Joint!.Width;

        Assert.Equal(3 * 4 * text, Plans.Of(one).Estimates.WorkerMemoryBytes - Plans.Of(frozen).Estimates.WorkerMemoryBytes);
    }

    private static StageSpec Stage(params ParameterRule[] rules) => Spec.Stages[0] with { Parameters = rules is [] ? null : [.. rules] };

    private static ParameterShape Matrix(string name) => new(name, [3, 2]);

    private static ParameterShape Vector(string name) => new(name, [3]);
}
