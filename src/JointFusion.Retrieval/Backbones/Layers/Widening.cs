using static TorchSharp.torch;

namespace JointFusion.Retrieval;

internal static class Widening
{
    /// <returns>In float32 where its own type has fewer digits: means and angles need them.</returns>
    public static Tensor Widened(this Tensor tensor) => tensor.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? tensor.to(ScalarType.Float32) : tensor;
}
