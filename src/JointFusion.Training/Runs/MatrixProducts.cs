using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>The most that libtorch gets out of a device, or out of this process's threads: large fp32 products and nothing else.</summary>
public static class MatrixProducts
{
    private const int Size = 1024;

    /// <param name="products">In a row.</param>
    /// <param name="rounds">So often; the fastest counts, since others may disturb one.</param>
    public static double FlopsPerSecond(Device device, int products, int rounds = 1)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (a, b) = (ones(Size, Size, device: device), ones(Size, Size, device: device));
        Multiply(a, b);
        return Enumerable.Range(0, rounds).Max(_ => products * 2.0 * Size * Size * Size / Seconds(() =>
        {
            for (var i = 0; i < products; i++)
                Multiply(a, b);
        }, device));
    }

    private static void Multiply(Tensor a, Tensor b) => mm(a, b).Dispose();

    private static double Seconds(Action work, Device device)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        if (device.type == DeviceType.CUDA)
            cuda.synchronize(device);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
