using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Attention whose heads of queries share heads of keys and values: H heads of queries, G of keys, R = H / G.</summary>
/// <remarks>
/// What is blocked scores the lowest number of the type and not minus infinity, as in the reference: a padded query that sees nothing then
/// has equal weights in place of NaN, which would spread through the gradient.
/// </remarks>
internal static class GroupedAttention
{
    private const double LowestBrainFloat = -3.3895313892515355e38;

    /// <summary>Products and softmax one by one: on a CPU as fast as libtorch's own in float32, and faster in bfloat16.</summary>
    public static Tensor Mix_NHSK(Tensor query_NHSK, Tensor key_NGSK, Tensor value_NGSK, Tensor? blocked)
    {
        var (items, heads, length, width) = (query_NHSK.size(0), query_NHSK.size(1), query_NHSK.size(2), query_NHSK.size(3));
        var (groups, keys) = (key_NGSK.size(1), key_NGSK.size(2));
        var query = query_NHSK.Over(Math.Sqrt(width)).reshape(items * groups, heads / groups * length, width);
        var scores_NHSS = query.bmm(key_NGSK.reshape(items * groups, keys, width).transpose(1, 2)).view(items, heads, length, keys);
        if (blocked is not null)
            scores_NHSS = scores_NHSS.FilledWhere(blocked, Lowest(scores_NHSS));
        var weights = scores_NHSS.Widened().softmax(-1).to(value_NGSK.dtype).view(items * groups, heads / groups * length, keys);
        return weights.bmm(value_NGSK.reshape(items * groups, keys, width)).view(items, heads, length, width);
    }

    /// <summary>libtorch's own, which keeps no scores where the device has a kernel for that.</summary>
    /// <param name="causal">Whether a query sees no key after it, besides; without any mask libtorch then computes half of the scores.</param>
    public static Tensor MixFused_NHSK(Tensor query_NHSK, Tensor key_NGSK, Tensor value_NGSK, Tensor? blocked, bool causal = false)
    {
        var repeats = query_NHSK.size(1) / key_NGSK.size(1);
        var masked = causal && blocked is not null ? AttentionMask.Later(query_NHSK, blocked) : blocked;
        var bias = masked is null ? null : zeros_like(masked, query_NHSK.dtype).FilledWhere(masked, Lowest(query_NHSK));
        return FusedAttention.Mix_NHSK(query_NHSK, Repeated(key_NGSK, repeats), Repeated(value_NGSK, repeats), bias, causal && masked is null);
    }

    private static Tensor Repeated(Tensor key_NGSK, long repeats) => repeats == 1 ? key_NGSK : key_NGSK.repeat_interleave(repeats, 1);

    private static double Lowest(Tensor tensor) => tensor.dtype switch
    {
        ScalarType.Float64 => double.MinValue,
        ScalarType.Float32 => float.MinValue,
        ScalarType.BFloat16 => LowestBrainFloat,
        ScalarType.Float16 => (double)Half.MinValue,
        _ => throw new ArgumentException($"Attention in {tensor.dtype}."),
    };
}
