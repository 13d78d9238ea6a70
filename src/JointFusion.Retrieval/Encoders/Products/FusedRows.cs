using System.Runtime.Intrinsics;
using JointFusion.Experiments;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Which rows are computed here rather than by libtorch.</summary>
internal static class FusedRows
{
    public static bool Takes(Tensor rows, Precision precision) =>
        Vector512.IsHardwareAccelerated && precision == Precision.Fp32 && rows.dtype == ScalarType.Float32 && rows.device_type == DeviceType.CPU;

    /// <summary>Whole vectors, for what is not a product.</summary>
    public static bool Takes(Tensor rows_RW, Linear linear, Precision precision) =>
        Takes(rows_RW, precision) && NormKernel.Fits(rows_RW.size(1)) && GeluKernel.Fits(linear.weight!.size(0));
}
