using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>libtorch's own attention, by the kernel that suits a GPU.</summary>
/// <remarks>
/// Of those that add in one order libtorch prefers flash attention (Dao 2023, arXiv 2307.08691) in bfloat16, whose tiles of 128 keys are mostly empty where
/// sequences are short: forward and backward of 2,048 sequences of 33 positions, 8 heads of 64, took 2.8 ms on an H200, and 1.6 ms by the other
/// (Rabe and Staats 2021, arXiv 2112.05682); of 81 positions, heads of 32, 2.6 and 3.1 ms.
/// </remarks>
internal static class FusedAttention
{
    /// <summary>Keys that the other kernel takes at once.</summary>
    private const int ShortSequence = 64;

    /// <summary>The widest heads of which it needs no more passes than flash attention.</summary>
    private const int NarrowHead = 64;

    private static readonly Lock Choosing = new();

    /// <param name="mask">True where a query sees a key, or a number to add to their score; null: all see all.</param>
    /// <param name="causal">Whether a query sees no key after it; not beside a mask.</param>
    public static Tensor Mix_NHSK(Tensor query_NHSK, Tensor key_NHSK, Tensor value_NHSK, Tensor? mask, bool causal = false)
    {
        if (query_NHSK.device_type != TorchSharp.DeviceType.CUDA)
            return functional.scaled_dot_product_attention(query_NHSK, key_NHSK, value_NHSK, mask, is_casual: causal);
        lock (Choosing) // The choice is the process's.
        {
            backends.cuda.enable_flash_sdp(key_NHSK.size(2) > ShortSequence || key_NHSK.size(3) > NarrowHead);
            return functional.scaled_dot_product_attention(query_NHSK, key_NHSK, value_NHSK, mask, is_casual: causal);
        }
    }
}
