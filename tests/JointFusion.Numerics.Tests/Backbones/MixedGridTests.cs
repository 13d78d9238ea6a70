using JointFusion.Data;
using JointFusion.Retrieval;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Qwen2-VL's pictures of many sizes in one pass: the same numbers and gradients as one by one, in as many passes as there are chunks.</summary>
public sealed class MixedGridTests : IDisposable
{
    private readonly IDisposable scope = NewDisposeScope();

    public static TheoryData<string> Names => ["qwen2_vl early", "qwen2_vl score", "qwen2_vl feature"];

    public void Dispose() => scope.Dispose();

    [Theory, MemberData(nameof(Names))]
    public void Should_have_each_pictures_own_numbers_and_gradients_When_a_batch_has_many_grids(string name)
    {
        using var retriever = BackboneRetrievers.Of(name);
        using var parameters = new FlatParameters(retriever);
        ItemBatch[] items = [.. Pictures()];
        var given_NE = Draws.Noise(4, items.Length, retriever.call(items[0]).size(1));
        var together_NE = retriever.Encode(items);
        (together_NE * given_NE).sum().backward();
        var gradients = parameters.Gradients.clone();
        parameters.ZeroGradients();
        for (var i = 0; i < items.Length; i++)
        {
            var alone_E = retriever.call(items[i])[0];
            Assert.True((together_NE[i] - alone_E).norm().item<double>() < 1e-9 * alone_E.norm().item<double>(), $"item {i}");
            (alone_E * given_NE[i]).sum().backward();
        }
        Assert.True(gradients.norm().item<double>() > 0.1);
        Assert.True((gradients - parameters.Gradients).norm().item<double>() < 1e-9 * gradients.norm().item<double>());
    }

    /// <summary>By modality one pass over the language model at most, and one over the vision tower.</summary>
    [Theory, InlineData("qwen2_vl early", 1), InlineData("qwen2_vl score", 2), InlineData("qwen2_vl feature", 2), InlineData("paligemma early", 1)]
    public void Should_pass_once_When_sizes_and_lengths_differ(string name, int languagePasses)
    {
        using var _ = no_grad();
        using var retriever = BackboneRetrievers.Of(name);
        var (vision, language) = Passes(retriever);
        if (name.StartsWith("qwen", StringComparison.Ordinal))
            retriever.Encode([.. Pictures()]);
        else
            retriever.call(BackboneRetrievers.Mixed(name, 9, seed: 5));
        Assert.Equal((1, languagePasses), (vision(), language()));
    }

    [Fact]
    public void Should_pass_twice_a_chunk_When_the_gradient_cache_divides_the_batch()
    {
        const int rows = 7, chunk = 3, chunks = 2 * 3; // of queries and of candidates three each; the last holds a text alone
        using var retriever = BackboneRetrievers.Of("qwen2_vl early");
        using var parameters = new FlatParameters(retriever);
        var batch = BackboneRetrievers.Batch("qwen2_vl early", rows, rank: 0, world: 1);
        var (vision, language) = Passes(retriever);
        new GradientCache(LocalProcessGroup.Create(1)[0], new StepClock(), chunkSize: chunk).Backward(retriever, batch);
        Assert.Equal((2 * (chunks - 1), 2 * chunks), (vision(), language()));
    }

    [Fact]
    public void Should_keep_of_a_layer_its_output_alone_When_there_is_no_graph()
    {
        using var _ = no_grad();
        long Kept(int layers)
        {
            using var backbone = (SequenceBackbone)Backbone.Load(GoldenFolder.Of("qwen2_vl"), ScalarType.Float32, CPU, layers: layers);
            var packed = PackedSequences.Of([[5, 6, 7], [8, 9]], CPU);
            using var inner = NewDisposeScope();
            backbone.Encode_RW(packed, [], causal: true);
            return inner.DisposablesCount;
        }
        Assert.Equal(1, Kept(layers: 2) - Kept(layers: 1));
    }

    /// <summary>Every grid with and without texts of several lengths, and two texts alone.</summary>
    private static IEnumerable<ItemBatch> Pictures()
    {
        var random = new Random(12);
        foreach (var (rows, columns) in BackboneRetrievers.Grids)
            foreach (var text in (int[])[0, 3, 1 + (columns / 2)])
                yield return BackboneRetrievers.Item(random, text, rows, columns, patchSize: 6);
        foreach (var text in (int[])[2, 5])
            yield return BackboneRetrievers.Item(random, text, 0, 0, patchSize: 6);
    }

    private static (Func<int> Vision, Func<int> Language) Passes(Retriever retriever)
    {
        var (vision, language) = (0, 0);
        foreach (var module in retriever.modules().Distinct())
        {
            if (module is VisionTower tower)
                tower.register_forward_hook((_, _, _, _, output) => Counted(ref vision, output));
            if (module is SiglipTower siglip)
                siglip.register_forward_hook((_, _, _, output) => Counted(ref vision, output));
            if (module is Decoder decoder)
                decoder.register_forward_hook((_, _, _, output) => Counted(ref language, output));
        }
        return (() => vision, () => language);
    }

    private static Tensor Counted(ref int passes, Tensor output)
    {
        passes++;
        return output;
    }
}
