using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Early fusion whose parts meet later or never: the same tower, and for an item of one part the same retriever to the last bit.</summary>
public sealed class IsolatedFusionTests
{
    private const int Layers = 3;

    /// <summary>After so many blocks; the last never.</summary>
    public static TheoryData<int> Meetings => [1, 2, Layers];

    [Theory, MemberData(nameof(Meetings))]
    public void Should_EqualEarlyToTheBit_When_NoItemHasBothParts(int meeting)
    {
        foreach (var type in (ScalarType[])[ScalarType.Float32, ScalarType.Float64])
        {
            using var scope = NewDisposeScope();
            var items = TestItems.Of(20, seed: 3, item => (item % 2 == 0, item % 2 == 1));
            var (early, isolated) = (Learn(Plan(0), items, type), Learn(Plan(meeting), items, type));
            Assert.Equal(early.Embeddings, isolated.Embeddings);
            Assert.Equal(early.Gradients.Keys, isolated.Gradients.Keys);
            Assert.All(early.Gradients, pair => Assert.Equal(pair.Value, isolated.Gradients[pair.Key]));
        }
    }

    [Fact]
    public void Should_BeARetrieverOfItsOwnForEachLayer_When_ItemsHaveBothParts()
    {
        var items = TestItems.Of(4, seed: 3, _ => (true, true));
        double[][] embeddings = [.. Enumerable.Range(0, Layers + 1).Select(meeting => Learn(Plan(meeting), items, ScalarType.Float64).Embeddings)];
        Assert.All(
            from one in Enumerable.Range(0, embeddings.Length) from other in Enumerable.Range(0, one) select (one, other),
            pair => Assert.True(embeddings[pair.one].Zip(embeddings[pair.other]).Max(x => Math.Abs(x.First - x.Second)) > 1e-4, $"{pair}"));
    }

    [Fact]
    public void Should_BeEarlyAtNoLayerAndIsolatedAtTheLast_When_TheSpecSaysWhereTheyMeet()
    {
        var items = TestItems.Mixed(9, seed: 5);
        Assert.Equal(Learn(Plan(new RetrieverSpec { Fusion = Fusion.Early }), items, ScalarType.Float32).Embeddings, Learn(Plan(0), items, ScalarType.Float32).Embeddings);
        Assert.Equal(Learn(Plan(new RetrieverSpec { Fusion = Fusion.Isolated }), items, ScalarType.Float32).Embeddings, Learn(Plan(Layers), items, ScalarType.Float32).Embeddings);
    }

    /// <summary>What early fusion does not take, since it has nothing to put together: two summaries of the start are one, in every digit.</summary>
    [Fact]
    public void Should_EqualEarlyToTheBit_When_PartsMeetBeforeTheFirstBlock()
    {
        using var scope = NewDisposeScope();
        using var tower = new Transformer(new TransformerShape(Layers, 96, 4, 192), Precision.Fp32);
        Initialization.Draw(tower, seed: 1);
        var (image, words) = (new TokenSequence(Draws.Noise(1, 3, 16, 96).to(ScalarType.Float32), null), new TokenSequence(Draws.Noise(2, 3, 5, 96).to(ScalarType.Float32), null));
        var early = Assert.Single(tower.call([TokenSequence.Join(image, words)]));
        var met = Assert.Single(tower.MeetAfter(0, [image, words], parts => [EarlyFusionEncoder.Meet(parts[0], parts[1])]));
        Assert.True(early.Tokens_NSW.eq(met.Tokens_NSW).all().item<bool>());
    }

    [Fact]
    public void Should_BeTheSumOfItsParts_When_TheyNeverMeet()
    {
        using var scope = NewDisposeScope();
        using var encoder = new EarlyFusionEncoder(Plan(Layers).Shape, Precision.Fp32);
        Initialization.Draw(encoder, seed: 2);
        encoder.to(ScalarType.Float64);
        var both = TestItems.One(new Random(6), textLength: 4, picture: true);
        Tensor Encode(ItemBatch items) => encoder.call(ModalityGroup.Split([items], new PixelScale(0.5, 0.5), ScalarType.Float64, CPU));
        var sum = Encode(Only(both, text: true)) + Encode(Only(both, text: false));
        Assert.True((Encode(both) - sum).abs().max().item<double>() < 1e-12);
    }

    [Theory, MemberData(nameof(Meetings))]
    public void Should_EmbedEachItemAsIfAlone_When_TextsArePaddedOrPacked(int meeting)
    {
        using var scope = NewDisposeScope();
        using var encoder = new EarlyFusionEncoder(Plan(meeting).Shape, Precision.Fp32);
        Initialization.Draw(encoder, seed: 2);
        encoder.to(ScalarType.Float64);
        var items = TestItems.Mixed(30, seed: 8);
        var alone = cat([.. Enumerable.Range(0, items.Count).Select(item => Embed(items.Slice(item, 1), lengthStep: 1))]);
        foreach (var lengthStep in (int[])[1, 8, 100]) // packed, as on a CPU; padded a little; one group of each kind
            Assert.True((Embed(items, lengthStep) - alone).abs().max().item<double>() < 1e-12, $"padded to multiples of {lengthStep}");

        Tensor Embed(ItemBatch batch, int lengthStep)
        {
            var groups = ModalityGroup.Split([batch], new PixelScale(0.5, 0.5), ScalarType.Float64, CPU, lengthStep);
            var order = tensor(groups.SelectMany(group => group.Rows).Select(row => (long)row).ToArray()).argsort();
            return encoder.call(groups).index_select(0, order);
        }
    }

    private static (double[] Embeddings, Dictionary<string, double[]> Gradients) Learn(RetrieverPlan plan, ItemBatch items, ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var retriever = new Retriever(plan, seed: 1);
        retriever.to(type);
        var embeddings = retriever.call(items);
        (embeddings * arange(embeddings.numel()).view(embeddings.shape).to(type)).sum().backward();
        return (Numbers(embeddings), retriever.named_parameters().Where(pair => pair.parameter.grad is not null).ToDictionary(pair => pair.name, pair => Numbers(pair.parameter.grad!)));
    }

    private static double[] Numbers(Tensor tensor) => [.. tensor.to(ScalarType.Float64).data<double>()];

    private static RetrieverPlan Plan(int meeting) => Plan(new RetrieverSpec { Fusion = Fusion.Early, FusionLayer = meeting });

    private static RetrieverPlan Plan(RetrieverSpec spec) => TestItems.Plan(spec with { Preset = Preset.Nano, Layers = Layers });

    private static ItemBatch Only(ItemBatch item, bool text) => new()
    {
        Count = 1,
        Tokens = text ? item.Tokens : [],
        TextOffsets = [0, text ? item.Tokens.Length : 0],
        Patches = text ? [] : item.Patches,
        PatchOffsets = [0, text ? 0 : item.PatchOffsets[1]],
        PatchBytes = item.PatchBytes,
    };
}
