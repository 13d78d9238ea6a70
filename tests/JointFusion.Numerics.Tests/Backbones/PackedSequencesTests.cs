using JointFusion.Retrieval;
using TorchSharp;
using Xunit;
using static JointFusion.Numerics.Tests.Draws;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>How sequences of any lengths lie end to end, and that a model makes of them what it makes of each.</summary>
public sealed class PackedSequencesTests : IDisposable
{
    private const long ImageToken = 107;
    private readonly IDisposable scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void Should_put_one_length_beside_itself_When_nothing_is_padded()
    {
        var packed = PackedSequences.Of([[1, 2], [3, 9, 5], [6, 9], [7]], CPU, lengthStep: 1);
        Assert.Equal([(1, 3), (2, 2), (1, 1)], packed.Packing(causal: false).Groups.Select(group => (group.Items, group.Length)));
        Assert.All(packed.Packing(causal: false).Groups, group => Assert.Null(group.Attendable_N11S));
        Assert.Equal([3, 9, 5, 1, 2, 6, 9, 7], Numbers(packed.Ids_R));
        Assert.Equal([3, 0, 5, 7], Enumerable.Range(0, 4).Select(packed.FirstRow));
        Assert.Equal([1, 2, 3, 1, 2, 1, 2, 1], Numbers(packed.Places_R(1)));
        Assert.Equal([6, 1], Numbers(packed.RowsOf(9, [2, 1])));
    }

    [Fact]
    public void Should_pad_what_is_nearly_as_long_When_each_length_would_cost_a_pass()
    {
        // Within a step of 3, and beyond that within an eighth of the longest.
        int[] lengths = [4, 6, 3, 40, 35, 34];
        var packed = PackedSequences.Of([.. lengths.Select(length => Enumerable.Repeat(8L, length).ToArray())], CPU, lengthStep: 3);
        var groups = packed.Packing(causal: false).Groups;
        Assert.Equal([(2, 40), (1, 34), (2, 6), (1, 3)], groups.Select(group => (group.Items, group.Length)));
        Assert.Equal([75L, 0, 10, 0], groups.Select(group => group.Attendable_N11S?.sum().item<long>() ?? 0));
        Assert.All(packed.Packing(causal: true).Groups, group => Assert.Null(group.Attendable_N11S));
        Assert.Equal(lengths.Sum(), packed.Ids_R.count_nonzero().item<long>());
    }

    [Theory]
    [InlineData("qwen2_vl", true)]
    [InlineData("qwen2_vl", false)]
    [InlineData("paligemma", true)]
    [InlineData("paligemma", false)]
    [InlineData("qwen2", true)]
    [InlineData("gemma", false)]
    public void Should_give_each_sequence_its_own_states_When_they_are_packed_or_padded(string set, bool causal)
    {
        using var _ = no_grad();
        using var backbone = (SequenceBackbone)Backbone.Load(GoldenFolder.Of(set), ScalarType.Float32, CPU);
        backbone.to(ScalarType.Float64);
        var random = new Random(3);
        long[][] sequences = [.. ((int[])[9, 4, 12, 11, 4, 1, 8]).Select(length => Enumerable.Range(0, length).Select(_ => (long)random.Next(4, 90)).ToArray())];
        foreach (var pooling in (SequencePooling[])[new SequencePooling.LastToken(), new SequencePooling.Mean(), new SequencePooling.SpecialToken(sequences[2][5])])
            foreach (var lengthStep in (int[])[1, 4, 100])
            {
                Tensor Embed(long[][] some)
                {
                    var packed = PackedSequences.Of(some, CPU, lengthStep);
                    return packed.Pool_NW(backbone.Encode_RW(packed, [], causal), pooling);
                }
                var together = Embed(sequences);
                for (var i = 0; i < sequences.Length; i++)
                    Assert.True((together[i] - Embed([sequences[i]])[0]).abs().max().item<double>() < 1e-11, $"{pooling}, step {lengthStep}, sequence {i}");
            }
    }

    [Fact]
    public void Should_show_every_state_in_its_group_When_states_are_padded_again()
    {
        var packed = PackedSequences.Of([[1, 2], [3, 4, 5], [6, 7, 8], [9]], CPU, lengthStep: 1);
        var groups = packed.Padded(packed.Ids_R.to(ScalarType.Float64).unsqueeze(1), [2, 1, 1]);
        Assert.Equal([1, 2, 2, 3, 4, 5], groups[0].Tokens_NSW.data<double>().ToArray());
        Assert.Equal([true, true, false, true, true, true], groups[0].Present_NS!.data<bool>().ToArray());
        Assert.Equal([6, 7, 8], groups[1].Tokens_NSW.data<double>().ToArray());
        Assert.Equal([9], groups[2].Tokens_NSW.data<double>().ToArray());
        Assert.Null(groups[1].Present_NS);
    }

    /// <summary>The rows of padded sequences are what the golden sets hold to the reference.</summary>
    [Fact]
    public void Should_equal_the_padded_rows_When_pictures_have_many_grids()
    {
        using var _ = no_grad();
        using var backbone = (Qwen2VlBackbone)Backbone.Load(GoldenFolder.Of("qwen2_vl"), ScalarType.Float32, CPU);
        backbone.to(ScalarType.Float64);
        var grids = BackboneRetrievers.Grids;
        long[][] sequences = [.. grids.Select((grid, i) => (long[])[5, .. backbone.ImageTokens(grid.Rows * grid.Columns), .. Enumerable.Repeat(6L + i, 1 + (i % 3))])];
        Tensor[] patches = [.. grids.Select((grid, i) => Noise(i + 1, 1, grid.Rows * grid.Columns, 3 * 6 * 6))];
        var config = new JointFusion.Experiments.Qwen2VlVisionConfig { PatchSize = 6, SpatialMergeSize = 2, TemporalPatchSize = 2 };
        var padded = PaddedTokens.Of(sequences, CPU);
        var expected_NSW = backbone.Encode_NSW(new BackboneInputs
        {
            Ids_NS = padded.Ids_NS,
            Present_NS = padded.Present_NS,
            Pixels = cat([.. grids.Select((grid, i) => PictureLayout.Blocks(patches[i], grid.Columns, config))]),
            Grid_I3 = tensor(grids.SelectMany(grid => new long[] { 1, grid.Rows, grid.Columns }).ToArray()).view(-1, 3),
        });
        foreach (var lengthStep in (int[])[1, 8])
        {
            var packed = PackedSequences.Of(sequences, CPU, lengthStep);
            var states_RW = backbone.Encode_RW(packed, [.. grids.Select((grid, i) => new Pictures(patches[i], grid.Columns, i))], causal: true);
            for (var i = 0; i < sequences.Length; i++)
            {
                var actual = states_RW.narrow(0, packed.FirstRow(i), sequences[i].Length);
                Assert.True((actual - expected_NSW[i].narrow(0, 0, sequences[i].Length)).abs().max().item<double>() < 1e-11, $"step {lengthStep}, picture {i}");
            }
        }
    }

    [Fact]
    public void Should_refuse_When_image_tokens_and_pictures_do_not_fit()
    {
        using var backbone = (Qwen2VlBackbone)Backbone.Load(GoldenFolder.Of("qwen2_vl"), ScalarType.Float32, CPU);
        var picture = new Pictures(Noise(1, 1, 8, 108).to(ScalarType.Float32), 4, 0);
        void Encode(long[] sequence, params Pictures[] pictures) => backbone.Encode_RW(PackedSequences.Of([sequence], CPU), pictures, causal: true);
        Encode([5, ImageToken, ImageToken], picture);
        Assert.Contains("2 image tokens", Assert.Throws<ArgumentException>(() => Encode([5, ImageToken], picture)).Message, StringComparison.Ordinal);
        Assert.Contains("more pictures", Assert.Throws<ArgumentException>(() => Encode([5, ImageToken, ImageToken, 6, ImageToken], picture)).Message, StringComparison.Ordinal);
        Assert.Contains("no image tokens", Assert.Throws<ArgumentException>(() => Encode([5, 6], picture)).Message, StringComparison.Ordinal);
        Assert.Contains("more pictures", Assert.Throws<ArgumentException>(() => Encode([5, ImageToken])).Message, StringComparison.Ordinal);
    }

    private static long[] Numbers(Tensor values) => values.data<long>().ToArray();
}
