using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>What <see cref="EncoderTests"/> asks of each fusion, asked of its variants.</summary>
public sealed class ArmTests
{
    public static TheoryData<string> Names => Arms.Names;

    [Theory, MemberData(nameof(Names))]
    public void Should_HaveThePlannedParameters_When_Built(string name)
    {
        var plan = TestItems.Plan(Arms.Spec(name));
        using var retriever = new Retriever(plan, seed: 1);
        Assert.Equal(plan.Parameters, retriever.parameters().Sum(parameter => parameter.numel()));
        Assert.Equal(
            RetrieverParameters.Of(plan.Shape, hasLogitBias: false).Select(parameter => $"{parameter.Name} {string.Join('x', parameter.Shape)}"),
            retriever.named_parameters().Select(pair => $"{pair.name} {string.Join('x', pair.parameter.shape)}"));
    }

    [Theory, MemberData(nameof(Names))]
    public void Should_EmbedEachItemAsIfAlone_When_TextsArePaddedOrPacked(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var encoder = Encoder(name);
        var items = TestItems.Mixed(30, seed: 8);
        var alone = cat([.. Enumerable.Range(0, items.Count).Select(item => Embed(items.Slice(item, 1), lengthStep: 1))]);
        foreach (var lengthStep in (int[])[1, 8, 100])
            Assert.True((Embed(items, lengthStep) - alone).abs().max().item<double>() < 1e-12, $"padded to multiples of {lengthStep}");

        Tensor Embed(ItemBatch batch, int lengthStep)
        {
            var groups = ModalityGroup.Split([batch], new PixelScale(0.5, 0.5), ScalarType.Float64, CPU, lengthStep);
            var order = tensor(groups.SelectMany(group => group.Rows).Select(row => (long)row).ToArray()).argsort();
            return encoder.call(groups).index_select(0, order);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Should_HaveFloat64sEmbeddingsAndGradients_When_ComputedInFloat32(string name)
    {
        using var scope = NewDisposeScope();
        using var exact = new Retriever(TestItems.Plan(Arms.Spec(name)), seed: 1);
        exact.to(ScalarType.Float64);
        using var single = new Retriever(TestItems.Plan(Arms.Spec(name)), seed: 1);
        var items = TestItems.Mixed(40, seed: 9);
        var (expected, actual) = (exact.call(items), single.call(items));
        var given = Draws.Noise(10, expected.shape);
        autograd.backward([expected], [given]);
        autograd.backward([actual], [given.to(ScalarType.Float32)]);

        Assert.InRange((actual.to(ScalarType.Float64) - expected).abs().max().item<double>(), 0, 1e-5);
        var learned = exact.named_parameters().Zip(single.named_parameters()).Where(pair => pair.First.parameter.grad is not null).ToList();
        var total = Math.Sqrt(learned.Sum(pair => Math.Pow(pair.First.parameter.grad!.norm().item<double>(), 2)));
        Assert.Equal(1, exact.parameters().Count() - learned.Count); // the temperature, of which no embedding knows
        Assert.All(learned, pair => Assert.True((pair.Second.parameter.grad!.to(ScalarType.Float64) - pair.First.parameter.grad!).norm().item<double>() < 1e-5 * total, pair.First.name));
    }

    [Fact]
    public void Should_BeEqualScoreFusionAtFirstAndWeighTheSumThen_When_WeightsAreLearned()
    {
        using var scope = NewDisposeScope();
        using var equal = new Retriever(TestItems.Plan(Fusion.Score), seed: 1);
        using var learned = Build();
        var items = TestItems.Mixed(9, seed: 3);
        var widths = (TestItems.Plan(Fusion.Score).Shape.ImageTower, TestItems.Plan(Arms.Spec("score with weights")).Shape.ImageTower);
        Assert.Equal(widths.Item1, widths.Item2); // two scalars are no reason for another size
        Assert.True(equal.call(items).eq(learned.call(items)).all().item<bool>());
        Assert.Equal(new PartWeights(1, 1), learned.Weights);
        Assert.Null(equal.Weights);

        using var _ = no_grad();
        learned.to(ScalarType.Float64);
        var both = TestItems.One(new Random(6), textLength: 4, picture: true);
        var before = learned.call(both);
        learned.get_parameter("encoder.fusion.weights.logImage")!.fill_(Math.Log(3));
        Assert.Equal(3, learned.Weights!.Image, 12);
        learned.get_parameter("encoder.fusion.weights.logText")!.fill_(Math.Log(3));
        Assert.True((learned.call(both) - before).abs().max().item<double>() < 1e-12, "only the ratio counts");
        learned.get_parameter("encoder.fusion.weights.logText")!.fill_(-30); // the text as good as gone
        Assert.True((learned.call(both) - learned.call(Pictured(both))).abs().max().item<double>() < 1e-9);

        static Retriever Build() => new(TestItems.Plan(Arms.Spec("score with weights")), seed: 1);
    }

    /// <summary>Which of two words goes with a picture can turn on the picture: what no sum of a picture's and a word's embedding can say.</summary>
    [Theory, InlineData("feature by mlp"), InlineData("feature gated")]
    public void Should_BeNoSumOfItsParts_When_FeaturesAreMixed(string name)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var encoder = Encoder(name);
        ItemBatch[] items = [.. from picture in (int[])[1, 2] from word in (int[])[3, 4] select With(picture, word)];
        var embeddings = items.Select(item => encoder.call(ModalityGroup.Split([item], new PixelScale(0.5, 0.5), ScalarType.Float64, CPU))).ToArray();
        Assert.True((embeddings[0] - embeddings[1] - embeddings[2] + embeddings[3]).abs().max().item<double>() > 1e-6);

        static ItemBatch With(int picture, int word)
        {
            var item = TestItems.One(new Random(picture), textLength: 1, picture: true);
            item.Tokens[0] = word;
            return item;
        }
    }

    private static nn.Module<IReadOnlyList<ModalityGroup>, Tensor> Encoder(string name)
    {
        var shape = TestItems.Plan(Arms.Spec(name)).Shape;
        nn.Module<IReadOnlyList<ModalityGroup>, Tensor> encoder = shape.Fusion.HasOneTower() ? new EarlyFusionEncoder(shape, Precision.Fp32) : new LateFusionEncoder(shape, Precision.Fp32);
        Initialization.Draw(encoder, seed: 2);
        encoder.to(ScalarType.Float64);
        return encoder;
    }

    private static ItemBatch Pictured(ItemBatch item) => new()
    {
        Count = 1,
        Tokens = [],
        TextOffsets = [0, 0],
        Patches = item.Patches,
        PatchOffsets = item.PatchOffsets,
        PatchBytes = item.PatchBytes,
    };
}
