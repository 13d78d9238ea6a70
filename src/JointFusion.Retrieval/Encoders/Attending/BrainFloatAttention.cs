namespace JointFusion.Retrieval;

/// <summary><see cref="AttentionKernel{T}"/> in float over sequences that lie in memory as bfloat16: half the bytes to fetch and to keep, and no copy of a whole batch.</summary>
internal static unsafe class BrainFloatAttention
{
    [ThreadStatic]
    private static PinnedScratch<float>? scratch;

    /// <inheritdoc cref="AttentionKernel{T}.Forward"/>
    public static void Forward(ushort* qkv, ushort* mixed, float* logSums, int length, int heads, int headWidth, bool causal)
    {
        var size = length * heads * headWidth;
        var wide = Scratch(4 * size);
        var wideMixed = wide + (3 * size);
        BrainFloats.Widen(new(qkv, 3 * size), new(wide, 3 * size));
        AttentionKernel<float>.Forward(wide, wideMixed, logSums, length, heads, headWidth, causal);
        BrainFloats.Narrow(new(wideMixed, size), new(mixed, size));
    }

    /// <inheritdoc cref="AttentionKernel{T}.Backward"/>
    public static void Backward(ushort* qkv, float* logSums, ushort* mixedGradient, ushort* gradient, int length, int heads, int headWidth, bool causal)
    {
        var size = length * heads * headWidth;
        float* wide = Scratch(7 * size), wideMixedGradient = wide + (3 * size), wideGradient = wideMixedGradient + size;
        BrainFloats.Widen(new(qkv, 3 * size), new(wide, 3 * size));
        BrainFloats.Widen(new(mixedGradient, size), new(wideMixedGradient, size));
        AttentionKernel<float>.Backward(wide, logSums, wideMixedGradient, wideGradient, length, heads, headWidth, causal);
        BrainFloats.Narrow(new(wideGradient, 3 * size), new(gradient, 3 * size));
    }

    private static float* Scratch(int count) => (scratch ??= new()).AtLeast(count);
}
