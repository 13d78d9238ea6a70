using System.Diagnostics;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>The most that training gets out of a device, or out of this process's threads: large products and nothing else.</summary>
public static class MatrixProducts
{
    private const int Size = 1024;
    private const double Flops = 2.0 * Size * Size * Size;

    /// <summary>In seconds. Where one takes as long, without instructions for its precision, it is the measurement.</summary>
    private const double LongProduct = 0.5;

    /// <param name="products">In a row.</param>
    /// <param name="rounds">So often; the fastest counts, since others may disturb one.</param>
    public static double FlopsPerSecond(torch.Device device, int products, int rounds = 1, Precision precision = Precision.Fp32)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var type = precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var (a, b) = (ones(Size, Size, type, device), ones(Size, Size, type, device));
        var first = Seconds(1); // Fills caches, and compiles.
        return first > LongProduct ? Flops / first : Enumerable.Range(0, rounds).Max(_ => products * Flops / Seconds(products));

        double Seconds(int count)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
                FusedRows.Multiply(a, b, precision).Dispose();
            if (device.type == DeviceType.CUDA)
                cuda.synchronize(device);
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
