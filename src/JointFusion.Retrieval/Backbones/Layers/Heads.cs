using static TorchSharp.torch;

namespace JointFusion.Retrieval;

internal static class Heads
{
    /// <summary>[N, S, H K] to [N, H, S, K].</summary>
    public static Tensor SplitHeads(this Tensor tokens_NSW, int heads) =>
        tokens_NSW.view(tokens_NSW.size(0), tokens_NSW.size(1), heads, -1).transpose(1, 2);

    /// <summary>[R, H K] to [R, H, K].</summary>
    public static Tensor PackedHeads(this Tensor tokens_RW, int heads) => tokens_RW.view(tokens_RW.size(0), heads, -1);
}
