using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary><see cref="NormKernel"/> over some of a tensor's rows.</summary>
/// <param name="moments_R2">Of each row, mean and 1 / deviation: written by the first pass, read by the others.</param>
internal readonly unsafe struct NormedRows(Tensor x_RW, Tensor scale_W, Tensor shift_W, Tensor moments_R2)
{
    /// <summary>As <see cref="TorchSharp.Modules.LayerNorm"/> has it.</summary>
    private const float Epsilon = 1e-5f;

    private readonly Matrix<float> x = TensorMemory.Rows(x_RW), moments = TensorMemory.Rows(moments_R2);
    private readonly NormKernel kernel = new((int)x_RW.size(1), TensorMemory.Of(scale_W), TensorMemory.Of(shift_W), Epsilon);

    public void Forward(nint first, int count, Matrix<float> y)
    {
        for (var row = 0; row < count; row++)
            (*moments.At(first + row, 0), *moments.At(first + row, 1)) = kernel.Forward(x.At(first + row, 0), y.At(row, 0));
    }

    /// <summary>y again.</summary>
    public void Again(nint first, int count, Matrix<float> y)
    {
        for (var row = 0; row < count; row++)
            kernel.Forward(x.At(first + row, 0), y.At(row, 0), *moments.At(first + row, 0), *moments.At(first + row, 1));
    }

    /// <inheritdoc cref="NormKernel.Backward"/>
    /// <param name="also">Rows added to the gradient, or null.</param>
    public void Backward(nint first, int count, Matrix<float> given, Matrix<float>? also, Matrix<float> gradient, float* scaleGradient, float* shiftGradient)
    {
        for (var row = 0; row < count; row++)
            kernel.Backward(
                x.At(first + row, 0), given.At(row, 0), *moments.At(first + row, 0), *moments.At(first + row, 1),
                also is { } rows ? rows.At(row, 0) : null, gradient.At(row, 0), scaleGradient, shiftGradient);
    }
}
