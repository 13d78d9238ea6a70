using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>Random tensors that the tests running meanwhile have no say in: libtorch's own generator is the whole process's.</summary>
internal static class Draws
{
    /// <summary>Normally distributed, in float64.</summary>
    public static Tensor Noise(int seed, params long[] shape)
    {
        using var generator = new Generator((ulong)seed);
        return randn(shape, ScalarType.Float64, generator: generator);
    }
}
