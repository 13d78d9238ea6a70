using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Published models as encoders: what a batch gives, what its gradients are, and that ranks and chunks change neither.</summary>
public sealed class BackboneRetrieverTests : IDisposable
{
    private readonly IDisposable scope = NewDisposeScope();

    public static TheoryData<string> Names => BackboneRetrievers.Names;

    public void Dispose() => scope.Dispose();

    [Theory, MemberData(nameof(Names))]
    public void Should_embed_each_item_as_if_alone_When_a_batch_is_ragged(string name)
    {
        using var _ = no_grad();
        using var retriever = BackboneRetrievers.Of(name);
        var items = BackboneRetrievers.Mixed(name, 9, seed: 5);
        var together = retriever.call(items);
        Assert.True((together.norm(1) - 1).abs().max().item<double>() < 1e-12);
        for (var i = 0; i < items.Count; i++)
            Assert.True((together[i] - retriever.call(items.Slice(i, 1))[0]).abs().max().item<double>() < 1e-12, $"item {i} depends on its neighbours");
    }

    [Fact]
    public void Should_embed_each_picture_by_its_own_rows_and_columns_When_they_are_not_square()
    {
        using var _ = no_grad();
        using var retriever = BackboneRetrievers.Of("qwen2_vl early");
        ItemBatch Picture(int columns)
        {
            var bytes = new byte[8 * 3 * 6 * 6];
            new Random(1).NextBytes(bytes);
            return new ItemBatch { Count = 1, Tokens = [5, 6], TextOffsets = [0, 2], Patches = bytes, PatchOffsets = [0, 8], PatchBytes = 108, PatchColumns = [columns] };
        }
        var (wide, tall) = (Picture(columns: 4), Picture(columns: 2));
        var together = retriever.call(ItemBatch.Join(wide, ItemBatch.Join(tall, BackboneRetrievers.Mixed("qwen2_vl early", 3, seed: 2))));
        Assert.True((together[0] - retriever.call(wide)[0]).abs().max().item<double>() < 1e-12);
        Assert.True((together[1] - retriever.call(tall)[0]).abs().max().item<double>() < 1e-12);
        Assert.True((together[0] - together[1]).abs().max().item<double>() > 1e-3);
    }

    [Theory, MemberData(nameof(Names))]
    public void Should_depend_on_every_part_When_an_item_has_text_and_picture(string name)
    {
        using var _ = no_grad();
        using var retriever = BackboneRetrievers.Of(name);
        var item = BackboneRetrievers.Item(name, new Random(6), textLength: 5, picture: true);
        var embedding = retriever.call(item);
        foreach (var change in (Func<ItemBatch, ItemBatch>[])[OtherFirstWord, OtherLastPixel])
            Assert.True((embedding - retriever.call(change(item))).abs().max().item<double>() > 1e-6, change.Method.Name);
    }

    /// <summary>Central differences along a random direction of each parameter, in float64.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Should_have_the_gradient_of_its_differences_When_the_loss_is_computed(string name)
    {
        using var retriever = BackboneRetrievers.Of(name);
        var items = BackboneRetrievers.Mixed(name, 6, seed: 7);
        using var generator = new Generator(9);
        var weights = randn(6, retriever.call(items).size(1), ScalarType.Float64, generator: generator);
        double Loss() => (retriever.call(items) * weights).sum().item<double>();
        (retriever.call(items) * weights).sum().backward();
        var used = 0;
        foreach (var (path, parameter) in retriever.named_parameters().Where(pair => pair.parameter.grad is not null))
        {
            using var inner = NewDisposeScope();
            using var _ = no_grad();
            var direction = randn(parameter.shape, ScalarType.Float64, generator: generator);
            direction /= direction.norm();
            const double step = 1e-5;
            parameter.add_(direction * step);
            var ahead = Loss();
            parameter.sub_(direction * (2 * step));
            var behind = Loss();
            parameter.add_(direction * step);
            var (expected, actual) = ((ahead - behind) / (2 * step), (parameter.grad! * direction).sum().item<double>());
            Assert.True(Math.Abs(expected - actual) < 1e-6 * Math.Max(1, Math.Abs(expected)), $"{path}: {actual}, by differences {expected}");
            used += Math.Abs(actual) > 1e-12 ? 1 : 0;
        }
        Assert.True(used > 40, $"{used} parameters have a gradient");
    }

    [Theory, MemberData(nameof(Names))]
    public void Should_have_the_whole_batchs_gradients_When_ranks_and_chunks_divide_it(string name)
    {
        const int rows = 7;
        var expected = Gradients(name, retriever => WholeBatch.Backward(retriever, BackboneRetrievers.Batch(name, rows, 0, 1), Stage));
        foreach (var chunk in (int?[])[null, 3])
        {
            RankThreads.Run(3, group =>
            {
                var divided = Gradients(name, retriever =>
                    new GradientCache(group, new StepClock(), chunkSize: chunk).Backward(retriever, BackboneRetrievers.Batch(name, rows, group.Rank, group.WorldSize)));
                group.AllReduce(divided);
                Assert.True((divided - expected).norm().item<double>() < 1e-11 * expected.norm().item<double>(), $"chunk {chunk}");
            });
        }
    }

    /// <summary>The layers counted are those of a tower of pictures, where there is one. Qwen2-VL's has no v_proj: beside adapters it is frozen, and not computed again.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Should_have_the_same_gradients_to_the_bit_When_layers_are_recomputed(string name)
    {
        var batch = BackboneRetrievers.Batch(name, rows: 5, rank: 0, world: 1);
        foreach (var isAdapted in (bool[])[false, true])
        {
            void Adapt(Backbone backbone)
            {
                if (isAdapted)
                    Lora.Attach(backbone, new LoraSpec(2, 4, LoraTargets.Named("v_proj")), seed: 2);
            }

            void Backward(Retriever retriever) => new GradientCache(LocalProcessGroup.Create(1)[0], new StepClock()).Backward(retriever, batch);
            var calls = new int[2];
            Tensor Run(bool recompute) => Gradients(name, Backward, backbone =>
            {
                Adapt(backbone);
                if (recompute)
                    backbone.RecomputeLayers();
                var mlp = backbone.modules().OfType<nn.Module<Tensor, Tensor>>().First(module => module is PlainMlp or GatedMlp);
                mlp.register_forward_hook((_, _, output) =>
                {
                    calls[recompute ? 1 : 0]++;
                    return output;
                });
            });
            var expected = Run(recompute: false);
            Assert.True(Run(recompute: true).eq(expected).all().item<bool>());
            Assert.True(expected.norm().item<double>() > 0);
            var isFrozen = isAdapted && name.StartsWith("qwen2_vl", StringComparison.Ordinal);
            Assert.Equal((isFrozen ? 1 : 2) * calls[0], calls[1]);
        }
    }

    /// <summary>Random items and their positives, learned by heart through low-rank adapters alone.</summary>
    [Theory, InlineData("paligemma early"), InlineData("qwen2_vl early"), InlineData("qwen2_vl score"), InlineData("clip score"), InlineData("siglip score")]
    public void Should_learn_When_only_adapters_are_trained(string name)
    {
        using var retriever = BackboneRetrievers.Of(name, backbone => Lora.Attach(backbone, new LoraSpec(4, 8, LoraTargets.Named("q_proj", "v_proj", "fc2", "down_proj")), seed: 2));
        using var parameters = new FlatParameters(retriever);
        using var optimizer = new AdamW(parameters, Stage);
        var cache = new GradientCache(LocalProcessGroup.Create(1)[0], new StepClock(), chunkSize: 5);
        var batch = BackboneRetrievers.Batch(name, rows: 7, rank: 0, world: 1);
        var losses = new List<double>();
        for (var step = 0; step < 25; step++)
        {
            using var inner = NewDisposeScope();
            losses.Add(cache.Backward(retriever, batch).Loss);
            optimizer.Step(3e-3, optimizer.GradientNorm());
            parameters.ZeroGradients();
            retriever.ClampTemperature();
        }
        Assert.True(losses[^1] < losses[0] / 3, $"from {losses[0]} to {losses[^1]}");
    }

    private static Tensor Gradients(string name, Action<Retriever> backward, Action<Backbone>? adapt = null)
    {
        using var retriever = BackboneRetrievers.Of(name, adapt);
        using var parameters = new FlatParameters(retriever);
        backward(retriever);
        return parameters.Gradients.clone();
    }

    private static StageSpec Stage { get; } = new() { Name = "only", Tasks = [7], Steps = 1, GlobalBatch = 7, LearningRate = 1e-3 };

    private static ItemBatch OtherFirstWord(ItemBatch item) => With(item, [(item.Tokens[0] + 1) % 80, .. item.Tokens[1..]], item.Patches);

    private static ItemBatch OtherLastPixel(ItemBatch item) => With(item, item.Tokens, [.. item.Patches[..^1], (byte)(item.Patches[^1] ^ 0x80)]);

    private static ItemBatch With(ItemBatch item, int[] tokens, byte[] patches) => new()
    {
        Count = 1,
        Tokens = tokens,
        TextOffsets = item.TextOffsets,
        Patches = patches,
        PatchOffsets = item.PatchOffsets,
        PatchBytes = item.PatchBytes,
        PatchColumns = item.PatchColumns,
    };
}
