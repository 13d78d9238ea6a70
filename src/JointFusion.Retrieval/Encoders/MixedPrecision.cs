using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Products in bfloat16 beside fp32 weights (Micikevicius et al. 2018, arXiv 1710.03740; bfloat16 has fp32's range and needs no loss scale).</summary>
/// <remarks>
/// Factors are rounded to bfloat16 when they are multiplied and sums are kept by libtorch in fp32; gradients come back through the rounding
/// and are added up in the weights' own type.
/// </remarks>
internal static class MixedPrecision
{
    /// <returns>In bfloat16 where that is the precision, else as it is.</returns>
    public static Tensor Rounded(this Tensor tensor, Precision precision) =>
        precision == Precision.Bf16 ? tensor.to(ScalarType.BFloat16) : tensor;

    /// <summary>The layer with its product in the given precision.</summary>
    /// <returns>In the type of the input.</returns>
    public static Tensor Call(this Linear linear, Tensor input, Precision precision) =>
        precision == Precision.Bf16
            ? functional.linear(input.Rounded(precision), linear.weight!.Rounded(precision), linear.bias?.Rounded(precision)).to(input.dtype)
            : FusedRows.Takes(input, precision)
                ? RowsLinear.Apply(input.flatten(0, -2), linear).view([.. input.shape[..^1], -1])
                : linear.call(input);
}
