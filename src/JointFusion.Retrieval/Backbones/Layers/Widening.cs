using static TorchSharp.torch;

namespace JointFusion.Retrieval;

internal static class Widening
{
    /// <returns>In the type that is computed in, where a float32 weight is kept for its small changes; null, and in float64: as it is.</returns>
    public static Tensor In(this Tensor weight, ScalarType? compute) => compute is { } type && weight.dtype == ScalarType.Float32 ? weight.to(type) : weight;

    /// <returns>In float32 where its own type has fewer digits: means and angles need them.</returns>
    public static Tensor Widened(this Tensor tensor) => tensor.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? tensor.to(ScalarType.Float32) : tensor;
}
