using System.Diagnostics;
using static TorchSharp.torch;

namespace JointFusion.Benchmarks;

/// <summary>The most that this libtorch gets out of a thread: large fp32 products and nothing else.</summary>
internal static class MatrixProducts
{
    private const int Size = 1024, Products = 20;

    public static double GflopsPerSecond()
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var (a, b) = (randn(Size, Size), randn(Size, Size));
        mm(a, b).Dispose();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Products; i++)
            mm(a, b).Dispose();
        return 2.0 * Size * Size * Size * Products / Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }
}
