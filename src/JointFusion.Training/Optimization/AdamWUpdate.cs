using System.Numerics;
using System.Runtime.InteropServices;
using JointFusion.Retrieval;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>One AdamW update of flat tensors of one length: by <see cref="AdamWKernel"/> on a CPU, by libtorch's operations elsewhere.</summary>
internal static class AdamWUpdate
{
    /// <summary>Elements that one thread updates at a time.</summary>
    private const int PieceLength = 1 << 20;

    /// <param name="values_P">Updated, as are both moments; the gradients may be overwritten.</param>
    public static void Take(Tensor values_P, Tensor gradients_P, Tensor firstMoment_P, Tensor secondMoment_P, AdamWFactors<double> factors)
    {
        Tensor[] flat = [values_P, gradients_P, firstMoment_P, secondMoment_P];
        if (values_P.device_type != DeviceType.CPU)
            OnDevice(flat, factors);
        else if (values_P.dtype == ScalarType.Float64)
            OnCpu(flat, factors);
        else
            OnCpu(flat, factors.To<float>());
    }

    private static void OnCpu<T>(Tensor[] flat, AdamWFactors<T> factors) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var count = flat[0].numel();
        TorchThreads.For(checked((int)((count + PieceLength - 1) / PieceLength)), piece =>
        {
            using var scope = NewDisposeScope();
            var first = (long)piece * PieceLength;
            AdamWKernel.Update(Piece(0), Piece(1), Piece(2), Piece(3), factors);

            Span<T> Piece(int tensor) => MemoryMarshal.Cast<byte, T>(flat[tensor].narrow(0, first, Math.Min(PieceLength, count - first)).bytes);
        });
    }

    private static void OnDevice(Tensor[] flat, in AdamWFactors<double> factors)
    {
        var (values, gradients, first, second) = (flat[0], flat[1], flat[2], flat[3]);
        if (factors.Clip != 1)
            gradients.Scale_(factors.Clip);
        if (factors.Shrink != 1)
            values.Scale_(factors.Shrink);
        first.Scale_(factors.Beta1).AddScaled_(gradients, factors.OneMinusBeta1);
        second.Scale_(factors.Beta2).AddProduct_(gradients, gradients, factors.OneMinusBeta2);
        var denominator = second.sqrt().Scale_(factors.Correction).Shift_(factors.Epsilon);
        values.AddQuotient_(first, denominator, -factors.Rate);
    }
}
