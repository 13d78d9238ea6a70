using JointFusion.Retrieval;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Attention of grouped queries: what is computed on a CPU and what is computed elsewhere, beside a head at a time in float64.</summary>
public sealed class GroupedAttentionTests : IDisposable
{
    private const int Items = 2, HeadWidth = 6, Length = 7;
    private readonly IDisposable scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    public static TheoryData<int, int, string> Cases
    {
        get
        {
            var cases = new TheoryData<int, int, string>();
            foreach (var (heads, groups) in ((int, int)[])[(4, 4), (4, 2), (6, 1)])
                foreach (var mask in (string[])["none", "causal", "padded left", "padded right", "causal, padded left", "suffix"])
                    cases.Add(heads, groups, mask);
            return cases;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Should_equal_attention_head_by_head_When_computed_in_either_way(int heads, int groups, string mask)
    {
        var (query, key, value) = (Noise(heads, 1), Noise(groups, 2), Noise(groups, 3));
        var (blocked, present_NS) = Mask(mask);
        var given = Noise(heads, 4) * Rows(present_NS);
        var expected = Run(HeadByHead, query, key, value, blocked, given);
        var manual = Run(GroupedAttention.Mix_NHSK, query, key, value, blocked, given);
        var fused = Run(Fused, query, key, value, blocked, given);
        foreach (var ours in (Tensor[][])[manual, fused])
            for (var i = 0; i < expected.Length; i++)
                Assert.True((ours[i] - expected[i]).abs().max().item<double>() < 1e-12, $"tensor {i}");
    }

    [Theory, InlineData("none"), InlineData("padded left"), InlineData("padded right")]
    public void Should_see_nothing_later_When_that_is_asked_for_without_a_mask_of_it(string mask)
    {
        var (query, key, value) = (Noise(4, 1), Noise(2, 2), Noise(2, 3));
        var (blocked, present_NS) = Mask(mask);
        var given = Noise(4, 4) * Rows(present_NS);
        var expected = Run(HeadByHead, query, key, value, Mask($"causal, {mask}").Blocked, given);
        static Tensor Split(Tensor mixed_NSW) => mixed_NSW.unflatten(2, 4, HeadWidth).transpose(1, 2);
        foreach (var way in (Way[])[
            (query, key, value, blocked) => GroupedAttention.MixFused_NHSK(query, key, value, blocked, causal: true),
            (query, key, value, blocked) => Split(Attention.Mix_NSW(query, key, value, blocked, causal: true))])
        {
            var ours = Run(way, query, key, value, blocked, given);
            for (var i = 0; i < expected.Length; i++)
                Assert.True((ours[i] - expected[i]).abs().max().item<double>() < 1e-12, $"tensor {i}");
        }
    }

    [Fact]
    public void Should_have_no_nan_in_value_or_gradient_When_a_query_sees_nothing()
    {
        var blocked = ones(1, 1, Length, Length, ScalarType.Bool);
        foreach (var way in (Way[])[GroupedAttention.Mix_NHSK, Fused])
            Assert.All(Run(way, Noise(4, 1), Noise(2, 2), Noise(2, 3), blocked, Noise(4, 4)), tensor => Assert.True(tensor.isfinite().all().item<bool>()));
    }

    private delegate Tensor Way(Tensor query, Tensor key, Tensor value, Tensor? blocked);

    private static Tensor Fused(Tensor query, Tensor key, Tensor value, Tensor? blocked) => GroupedAttention.MixFused_NHSK(query, key, value, blocked);

    private static Tensor HeadByHead(Tensor query, Tensor key, Tensor value, Tensor? blocked)
    {
        var (heads, groups) = (query.size(1), key.size(1));
        var mask = (blocked ?? zeros(1, 1, 1, 1, ScalarType.Bool)).expand(Items, 1, Length, Length);
        var mixed = new List<Tensor>();
        for (var head = 0; head < heads; head++)
        {
            var shared = head / (heads / groups);
            var scores = einsum("nqk,nsk->nqs", query.select(1, head), key.select(1, shared)) / Math.Sqrt(HeadWidth);
            mixed.Add(einsum("nqs,nsk->nqk", scores.masked_fill(mask.select(1, 0), -1e300).softmax(-1), value.select(1, shared)));
        }
        return stack(mixed.ToArray(), 1);
    }

    /// <returns>The value, zero at padded queries, whose attention has no meaning; then the gradients.</returns>
    private static Tensor[] Run(Way way, Tensor query, Tensor key, Tensor value, Tensor? blocked, Tensor given)
    {
        Tensor[] leaves = [.. new[] { query, key, value }.Select(tensor => tensor.detach().clone().requires_grad_(true))];
        var mixed = way(leaves[0], leaves[1], leaves[2], blocked);
        (mixed * given).sum().backward();
        return [mixed.detach() * given.ne(0), .. leaves.Select(leaf => leaf.grad!)];
    }

    private static (Tensor? Blocked, Tensor? Present_NS) Mask(string mask)
    {
        Tensor? present = mask.Contains("left", StringComparison.Ordinal) ? tensor(new long[,] { { 0, 0, 1, 1, 1, 1, 1 }, { 1, 1, 1, 1, 1, 1, 1 } })
            : mask.Contains("right", StringComparison.Ordinal) || mask == "suffix" ? tensor(new long[,] { { 1, 1, 1, 1, 1, 0, 0 }, { 1, 1, 1, 1, 1, 1, 1 } }) : null;
        var suffix = tensor(new long[,] { { 0, 0, 0, 1, 1, 0, 0 }, { 0, 0, 0, 0, 1, 1, 1 } });
        return (mask == "suffix" ? AttentionMask.BlockedSuffix(present, suffix) : AttentionMask.Blocked(present, mask.StartsWith("causal", StringComparison.Ordinal), Length, CPU), present);
    }

    private static Tensor Rows(Tensor? present_NS) => present_NS is null ? ones(1, ScalarType.Float64) : present_NS.to(ScalarType.Float64).view(Items, 1, Length, 1);

    private static Tensor Noise(int heads, int seed) => Draws.Noise(seed, Items, heads, Length, HeadWidth);
}
