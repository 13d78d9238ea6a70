using System.Runtime.Intrinsics;
using JointFusion.Experiments;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Which rows are computed here rather than by libtorch: on processors with vectors of 512 bits, in float32.</summary>
/// <remarks>
/// On AMD's processors the BLAS inside libtorch keeps to vectors of 256 bits. On a Zen 5 with whole 512-bit units it reached 82 to 108 GFLOP/s of
/// the core's 258, in a retriever's shapes as in large ones, and <see cref="ProductTile"/> 255. And what stands between two products (norm, bias,
/// GELU, residual) costs no pass through memory: a step of nano went from 81 ms of a core's time to 50, of tiny from 820 to 429.
/// float64, in which gradients are checked, stays with libtorch; tests hold both to the same values and gradients.
/// </remarks>
public static class FusedRows
{
    /// <summary>Whether this processor has vectors that they are for.</summary>
    public static bool AreTaken => Vector512.IsHardwareAccelerated;

    /// <summary>x W', the way a linear layer computes it.</summary>
    public static Tensor Multiply(Tensor x_RK, Tensor weight_NK, Precision precision) =>
        Takes(x_RK, precision) ? RowsLinear.Apply(x_RK, weight_NK, null, null) : nn.functional.linear(x_RK, weight_NK);

    internal static bool Takes(Tensor rows, Precision precision) =>
        AreTaken && precision == Precision.Fp32 && rows.dtype == ScalarType.Float32 && rows.device_type == DeviceType.CPU
        && rows.numel() is > 0 and <= MostNumbers;

    /// <summary>Whether what is not a product comes in whole vectors, too.</summary>
    internal static bool Takes(Tensor rows_RW, Linear linear, Precision precision) =>
        Takes(rows_RW, precision) && NormKernel.Fits(rows_RW.size(1)) && GeluKernel.Fits(linear.weight!.size(0));

    /// <summary>Of the inputs, so that the results, several times as wide, are still within the 2 GiB that a span reaches.</summary>
    private const long MostNumbers = int.MaxValue / sizeof(float) / 8;
}
