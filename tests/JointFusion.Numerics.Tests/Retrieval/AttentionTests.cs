using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;
using Xunit;
using static JointFusion.Numerics.Tests.Draws;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Numerics.Tests;

/// <summary>Attention over packed sequences, beside libtorch's own, sequence by sequence, in float64.</summary>
public sealed class AttentionTests
{
    /// <summary>Around the sizes of vectors and tiles, up to one that goes to libtorch itself.</summary>
    internal static readonly int[] Lengths = [1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 23, 28, 33, 81, 192, 193];

    public static TheoryData<int, int, ScalarType, double> Shapes => new()
    {
        { 4, 24, ScalarType.Float64, 1e-12 },
        { 8, 32, ScalarType.Float64, 1e-12 },
        { 1, 8, ScalarType.Float64, 1e-12 },
        { 2, 10, ScalarType.Float64, 1e-12 }, // no multiple of a vector
        { 4, 24, ScalarType.Float32, 2e-5 },
        { 8, 32, ScalarType.Float32, 2e-5 },
        { 3, 40, ScalarType.Float32, 2e-5 },
        { 2, 12, ScalarType.Float32, 2e-5 },
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Should_EqualLibtorch_When_SequencesArePacked(int heads, int headWidth, ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        foreach (var lengths in (int[][])[.. Lengths.Select(length => (int[])[length, length]), Lengths, Lengths[..^1]])
        {
            var rows = lengths.Sum();
            var (qkv, given) = (Noise(1, rows, 3 * heads * headWidth), Noise(2, rows, heads * headWidth));
            var (expected, expectedGradient) = Libtorch(qkv, given, lengths, heads);
            var (mixed, gradient) = Ours(qkv.to(type), given.to(type), lengths, heads);
            Assert.True(Distance(mixed, expected) < tolerance, $"lengths {string.Join(' ', lengths)}: values differ by {Distance(mixed, expected)}");
            Assert.True(Distance(gradient, expectedGradient) < tolerance, $"lengths {string.Join(' ', lengths)}: gradients differ by {Distance(gradient, expectedGradient)}");
        }
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Should_EqualLibtorch_When_PositionsSeeNoneAfterThem(int heads, int headWidth, ScalarType type, double tolerance)
    {
        using var scope = NewDisposeScope();
        foreach (var lengths in (int[][])[.. Lengths.Select(length => (int[])[length, length]), Lengths, Lengths[..^1]])
        {
            var rows = lengths.Sum();
            var (qkv, given) = (Noise(1, rows, 3 * heads * headWidth), Noise(2, rows, heads * headWidth));
            var (expected, expectedGradient) = Libtorch(qkv, given, lengths, heads, causal: true);
            var (mixed, gradient) = Ours(qkv.to(type), given.to(type), lengths, heads, causal: true);
            Assert.True(Distance(mixed, expected) < tolerance, $"lengths {string.Join(' ', lengths)}: values differ by {Distance(mixed, expected)}");
            Assert.True(Distance(gradient, expectedGradient) < tolerance, $"lengths {string.Join(' ', lengths)}: gradients differ by {Distance(gradient, expectedGradient)}");
        }
    }

    [Theory, InlineData(4, 24), InlineData(8, 32), InlineData(2, 10)]
    public void Should_RoundWhatFloat32Gives_When_InputIsBfloat16(int heads, int headWidth)
    {
        using var scope = NewDisposeScope();
        var lengths = Lengths[..^1];
        var rows = lengths.Sum();
        var (qkv, given) = (Noise(1, rows, 3 * heads * headWidth).to(ScalarType.BFloat16), Noise(2, rows, heads * headWidth).to(ScalarType.BFloat16));
        var (mixed, gradient) = Ours(qkv, given, lengths, heads);
        var (wide, wideGradient) = Ours(qkv.to(ScalarType.Float32), given.to(ScalarType.Float32), lengths, heads);
        Assert.Equal((ScalarType.BFloat16, ScalarType.BFloat16), (mixed.dtype, gradient.dtype));
        Assert.True(mixed.eq(wide.to(ScalarType.BFloat16)).all().item<bool>());
        Assert.True(gradient.eq(wideGradient.to(ScalarType.BFloat16)).all().item<bool>());
    }

    [Fact]
    public void Should_BeAsGoodAsLibtorch_When_ScoresAreLarge()
    {
        using var scope = NewDisposeScope();
        int[] lengths = [17, 23]; // Of scores in the hundreds, whose exponentials no float holds.
        var (qkv, given) = (Noise(3, 40, 3 * 2 * 16) * 12, Noise(4, 40, 2 * 16));
        var (exact, exactGradient) = Libtorch(qkv, given, lengths, heads: 2);
        var (theirs, theirGradient) = Libtorch(qkv.to(ScalarType.Float32), given.to(ScalarType.Float32), lengths, heads: 2);
        var (ours, ourGradient) = Ours(qkv.to(ScalarType.Float32), given.to(ScalarType.Float32), lengths, heads: 2);
        Assert.InRange(Distance(ours, exact), 0, 8 * Distance(theirs, exact));
        Assert.InRange(Distance(ourGradient, exactGradient), 0, 8 * Distance(theirGradient, exactGradient));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Should_SpoilOneSequenceOnly_When_ItHoldsNoNumber(float poison)
    {
        using var scope = NewDisposeScope();
        var (qkv, given) = (Noise(7, 40, 3 * 2 * 16).to(ScalarType.Float32), Noise(8, 40, 2 * 16).to(ScalarType.Float32));
        qkv[3, 40] = poison; // a key of the first
        var (mixed, gradient) = Ours(qkv, given, [17, 23], heads: 2);
        Assert.True(mixed[..17].isnan().any().item<bool>() && gradient[..17].isnan().any().item<bool>(), "a run that diverges must see it");
        Assert.True(mixed[17..].isfinite().all().item<bool>() && gradient[17..].isfinite().all().item<bool>());
    }

    [Theory, MemberData(nameof(EncoderTests.Fusions), MemberType = typeof(EncoderTests))]
    public void Should_EmbedTheSame_When_TextsArePaddedToOneLength(Fusion fusion)
    {
        using var scope = NewDisposeScope();
        var plan = TestItems.Plan(fusion);
        using Module<IReadOnlyList<ModalityGroup>, Tensor> encoder = fusion.HasOneTower()
            ? new EarlyFusionEncoder(plan.Shape, Precision.Fp32)
            : new LateFusionEncoder(plan.Shape, Precision.Fp32);
        Initialization.Draw(encoder, seed: 2);
        encoder.to(ScalarType.Float64);
        var items = TestItems.Mixed(30, seed: 8);
        var exact = ModalityGroup.Split([items], plan.Pixels, ScalarType.Float64, CPU, lengthStep: 1);
        var padded = ModalityGroup.Split([items], plan.Pixels, ScalarType.Float64, CPU, lengthStep: 100);
        Assert.True(padded.Count <= 3 && exact.Count > 3, "the groups do not differ");
        Assert.All(exact, group => Assert.Null(group.TextPresent_NT));
        Assert.Contains(padded, group => group.TextPresent_NT is not null);
        Assert.True(Distance(Embed(exact), Embed(padded)) < 1e-12);

        Tensor Embed(IReadOnlyList<ModalityGroup> groups)
        {
            var order = tensor(groups.SelectMany(group => group.Rows).Select(row => (long)row).ToArray()).argsort();
            return encoder.call(groups).index_select(0, order);
        }
    }

    internal static (Tensor Mixed, Tensor Gradient) Ours(Tensor qkv, Tensor given, int[] lengths, int heads, bool causal = false)
    {
        var leaf = qkv.detach().clone().requires_grad_();
        var used = lengths.Sum();
        var packing = new Packing(lengths.Select(length => new TokenSequence(empty(1, length, 1), null)), causal);
        var mixed = Attention.Mix_RW(leaf.narrow(0, 0, used), packing, heads);
        autograd.backward([mixed], [given.narrow(0, 0, used)]);
        return (mixed, leaf.grad!);
    }

    private static (Tensor Mixed, Tensor Gradient) Libtorch(Tensor qkv, Tensor given, int[] lengths, int heads, bool causal = false)
    {
        var leaf = qkv.detach().clone().requires_grad_();
        var mixed = cat(leaf.split(lengths.Select(length => (long)length).ToArray(), 0).Select(part =>
        {
            var heads3 = part.view(part.size(0), 3, heads, -1).permute(1, 2, 0, 3);
            return functional.scaled_dot_product_attention(heads3[0], heads3[1], heads3[2], is_casual: causal).transpose(0, 1).reshape(part.size(0), -1);
        }).ToArray(), 0);
        autograd.backward([mixed], [given]);
        return (mixed, leaf.grad!);
    }

    private static double Distance(Tensor left, Tensor right) => (left.to(ScalarType.Float64) - right.to(ScalarType.Float64)).abs().max().item<double>();
}
