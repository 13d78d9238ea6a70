using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

public sealed class EncoderTests
{
    public static TheoryData<Fusion> Fusions => [.. Enum.GetValues<Fusion>()];

    [Theory, MemberData(nameof(Fusions))]
    public void Should_HaveThePlannedParameters_When_Built(Fusion fusion)
    {
        using var retriever = new Retriever(TestItems.Plan(fusion), seed: 1);
        Assert.Equal(TestItems.Plan(fusion).Parameters, retriever.parameters().Sum(parameter => parameter.numel()));
    }

    /// <summary>In the modules' order too: the depth of a layer is read off it.</summary>
    [Theory, MemberData(nameof(Fusions))]
    public void Should_NameAndShapeParametersAsPlanned_When_Built(Fusion fusion)
    {
        var plan = TestItems.Plan(fusion) with { LogitBias = -10 };
        using var retriever = new Retriever(plan, seed: 1);
        Assert.Equal(
            RetrieverParameters.Of(plan.Shape, hasLogitBias: true).Select(parameter => $"{parameter.Name} {string.Join('x', parameter.Shape)}"),
            retriever.named_parameters().Select(pair => $"{pair.name} {string.Join('x', pair.parameter.shape)}"));
    }

    [Theory, MemberData(nameof(Fusions))]
    public void Should_EmbedEachItemAsIfAlone_When_BatchIsPadded(Fusion fusion)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var retriever = Double(fusion);
        var items = TestItems.Mixed(12, seed: 3);
        var together = retriever.call(items);
        for (var i = 0; i < items.Count; i++)
        {
            var alone = retriever.call(items.Slice(i, 1));
            Assert.True((together[i] - alone[0]).abs().max().item<double>() < 1e-12, $"item {i} depends on its neighbours");
        }
    }

    [Theory, MemberData(nameof(Fusions))]
    public void Should_ReturnUnitVectors_When_Encoding(Fusion fusion)
    {
        using var scope = NewDisposeScope();
        using var retriever = Double(fusion);
        var norms = retriever.call(TestItems.Mixed(9, seed: 4)).norm(1);
        Assert.True((norms - 1).abs().max().item<double>() < 1e-12);
    }

    [Theory, MemberData(nameof(Fusions))]
    public void Should_DependOnEveryPart_When_ItemHasTextAndPicture(Fusion fusion)
    {
        using var scope = NewDisposeScope();
        using var retriever = Double(fusion);
        var random = new Random(5);
        var both = TestItems.One(random, textLength: 5, picture: true);
        var otherWord = With(both, tokens: [.. both.Tokens[..^1], (both.Tokens[^1] + 1) % TestItems.Vocabulary]);
        var otherPixel = With(both, patches: [.. both.Patches[..^1], (byte)(both.Patches[^1] ^ 0x80)]);
        var embedding = retriever.call(both);
        Assert.True((embedding - retriever.call(otherWord)).abs().max().item<double>() > 1e-9, "the last word changes nothing");
        Assert.True((embedding - retriever.call(otherPixel)).abs().max().item<double>() > 1e-9, "the last pixel changes nothing");
    }

    [Fact]
    public void Should_BeTheSumOfItsParts_When_FusionIsByScore()
    {
        using var scope = NewDisposeScope();
        using var encoder = new LateFusionEncoder(TestItems.Plan(Fusion.Score).Shape, Precision.Fp32);
        Initialization.Draw(encoder, seed: 2);
        encoder.to(ScalarType.Float64);
        var both = TestItems.One(new Random(6), textLength: 4, picture: true);
        Tensor Encode(ItemBatch items) => encoder.call(ModalityGroup.Split([items], new PixelScale(0.5, 0.5), ScalarType.Float64, CPU));
        var sum = Encode(With(both, tokens: [])) + Encode(With(both, patches: []));
        Assert.True((Encode(both) - sum).abs().max().item<double>() < 1e-12);
    }

    [Fact]
    public void Should_DrawTheSameWeights_When_SeedIsTheSame()
    {
        using var first = new Retriever(TestItems.Plan(Fusion.Early), seed: 7);
        manual_seed(99); // the process-wide generator has no say
        using var second = new Retriever(TestItems.Plan(Fusion.Early), seed: 7);
        using var other = new Retriever(TestItems.Plan(Fusion.Early), seed: 8);
        Assert.All(first.parameters().Zip(second.parameters()), pair => Assert.True(pair.First.eq(pair.Second).all().item<bool>()));
        Assert.Contains(first.parameters().Zip(other.parameters()), pair => !pair.First.eq(pair.Second).all().item<bool>());
    }

    [Fact]
    public void Should_Refuse_When_ItemIsEmpty()
    {
        using var scope = NewDisposeScope();
        using var retriever = Double(Fusion.Early);
        var empty = TestItems.One(new Random(1), textLength: 0, picture: false);
        Assert.Throws<ArgumentException>(() => retriever.call(empty));
    }

    /// <summary>float32 may take another way than float64, through products of our own, and late fusion's widths are no multiples of anything.</summary>
    [Theory, MemberData(nameof(Fusions))]
    public void Should_HaveFloat64sEmbeddingsAndGradients_When_ComputedInFloat32(Fusion fusion)
    {
        using var scope = NewDisposeScope();
        using var exact = Double(fusion);
        using var single = new Retriever(TestItems.Plan(fusion), seed: 1);
        var items = TestItems.Mixed(40, seed: 9);
        var (expected, actual) = (exact.call(items), single.call(items));
        var given = Draws.Noise(10, expected.shape);
        autograd.backward([expected], [given]);
        autograd.backward([actual], [given.to(ScalarType.Float32)]);

        Assert.InRange((actual.to(ScalarType.Float64) - expected).abs().max().item<double>(), 0, 1e-5);
        var total = exact.parameters().Where(parameter => parameter.requires_grad && parameter.grad is not null).Sum(parameter => Math.Pow(parameter.grad!.norm().item<double>(), 2));
        foreach (var ((name, wide), (_, narrow)) in exact.named_parameters().Zip(single.named_parameters()).Where(pair => pair.First.parameter.grad is not null))
            Assert.True((narrow.grad!.to(ScalarType.Float64) - wide.grad!).norm().item<double>() < 1e-5 * Math.Sqrt(total), name);
    }

    private static Retriever Double(Fusion fusion)
    {
        var retriever = new Retriever(TestItems.Plan(fusion), seed: 1);
        retriever.to(ScalarType.Float64);
        return retriever;
    }

    private static ItemBatch With(ItemBatch item, int[]? tokens = null, byte[]? patches = null) => new()
    {
        Count = 1,
        Tokens = tokens ?? item.Tokens,
        TextOffsets = [0, (tokens ?? item.Tokens).Length],
        Patches = patches ?? item.Patches,
        PatchOffsets = [0, (patches ?? item.Patches).Length / item.PatchBytes],
        PatchBytes = item.PatchBytes,
    };
}
