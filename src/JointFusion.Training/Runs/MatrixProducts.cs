using System.Diagnostics;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>The most that training gets out of a device, or out of this process's threads: large products and nothing else.</summary>
public static class MatrixProducts
{
    private const int SizeOnCpu = 1024;

    /// <summary>A GPU takes longer to be told of a product of 1024 than to compute it.</summary>
    private const int SizeOnGpu = 8192;

    /// <summary>In seconds. Where one takes as long, without instructions for its precision, it is the measurement.</summary>
    private const double LongProduct = 0.5;

    /// <param name="products">In a row.</param>
    /// <param name="rounds">So often; the fastest counts, since others may disturb one.</param>
    public static double FlopsPerSecond(torch.Device device, int products, int rounds = 1, Precision precision = Precision.Fp32)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var type = precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var size = device.type == DeviceType.CUDA ? SizeOnGpu : SizeOnCpu;
        var flops = 2.0 * size * size * size;
        var (a, b) = (Factor(), Factor());
        var first = Seconds(1); // Fills caches, and compiles.
        return first > LongProduct && device.type == DeviceType.CPU ? flops / first : Enumerable.Range(0, rounds).Max(_ => products * flops / Seconds(products));

        // No constant: a GPU that multiplies one draws less power, and so clocks higher, than it does on real numbers.
        Tensor Factor()
        {
            var waves_S = tensor(Enumerable.Range(0, size).Select(i => MathF.Sin(i)).ToArray(), device: device);
            return (waves_S.unsqueeze(0) * waves_S.unsqueeze(1)).to(type);
        }

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
