namespace JointFusion.Experiments;

/// <summary>Cost of one transformer by arithmetic alone. W width, M MLP width, H heads, L layers, n length of the sequence.</summary>
public static class TransformerCost
{
    /// <summary>Trainable scalars of the blocks and the final norm.</summary>
    public static long Parameters(this TransformerShape shape)
    {
        long w = shape.Width, m = shape.MlpWidth;
        // A block: two norms 2*2W; qkv 3W*W + 3W; out W*W + W; up W*M + M; down M*W + W. In sum 4WW + 2WM + 9W + M.
        var block = (4 * w * w) + (2 * w * m) + (9 * w) + m;
        return (shape.Layers * block) + (2 * w);
    }

    /// <summary>Floating point operations of one forward pass over one sequence.</summary>
    public static double ForwardFlops(this TransformerShape shape, int length)
    {
        double w = shape.Width, m = shape.MlpWidth, n = length;
        // Multiply and add count as two. Linear layers: 2 * (4WW + 2WM) a position. Attention: scores 2nnW and their use 2nnW.
        // Norms, softmax and GELU are below 1% at these widths and left out.
        var block = (n * 2 * ((4 * w * w) + (2 * w * m))) + (4 * n * n * w);
        return shape.Layers * block;
    }

    /// <summary>float32 tensors that one sequence's forward pass keeps for its backward pass, in bytes.</summary>
    public static long ActivationBytes(this TransformerShape shape, int length)
    {
        long w = shape.Width, m = shape.MlpWidth, n = length;
        // A position keeps: two residuals 2W, two norm outputs 2W, qkv 3W, attention's output W, up and GELU 2M; and H rows of n weights.
        var block = n * ((8 * w) + (2 * m) + (shape.Heads * n));
        return sizeof(float) * shape.Layers * block;
    }
}
