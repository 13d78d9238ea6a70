using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>softmax(q k' / sqrt(K)) v: N items, H heads, S positions, K wide each.</summary>
internal static class Attention
{
    /// <param name="attendable_N11S">True where a key may be attended to; null if all may.</param>
    /// <returns>[N, H, S, K], in the type of the input.</returns>
    public static Tensor Mix_NHSK(Tensor query_NHSK, Tensor key_NHSK, Tensor value_NHSK, Tensor? attendable_N11S) =>
        query_NHSK.dtype == ScalarType.BFloat16 && query_NHSK.device_type == DeviceType.CPU
            ? InProducts(query_NHSK, key_NHSK, value_NHSK, attendable_N11S)
            : functional.scaled_dot_product_attention(query_NHSK, key_NHSK, value_NHSK, attn_mask: attendable_N11S);

    /// <summary>As its definition reads: on a CPU in bfloat16, libtorch's own attention is slower than the products it is made of.</summary>
    private static Tensor InProducts(Tensor query_NHSK, Tensor key_NHSK, Tensor value_NHSK, Tensor? attendable_N11S)
    {
        var scores_NHSS = query_NHSK.Over(Math.Sqrt(query_NHSK.size(3))).matmul(key_NHSK.transpose(2, 3));
        if (attendable_N11S is not null)
        {
            using var never = double.NegativeInfinity.ToScalar();
            scores_NHSS = scores_NHSS.masked_fill(attendable_N11S.logical_not(), never);
        }
        return functional.softmax(scores_NHSS, 3).matmul(value_NHSK);
    }
}
