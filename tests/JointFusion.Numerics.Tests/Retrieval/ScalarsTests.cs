using JointFusion.Retrieval;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

public sealed class ScalarsTests
{
    /// <summary>With TorchSharp's own conversions instead, one call in ten thousand fails here or computes with freed memory.</summary>
    [Fact]
    public void Should_compute_what_was_asked_When_the_collector_runs_all_the_time()
    {
        const int rounds = 40_000;
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() => CollectUntil(stop.Token));
        collector.Start();
        try
        {
            using var ones = torch.ones(4, ScalarType.Float64);
            using var tensor = torch.ones(4, ScalarType.Float64);
            for (var round = 0; round < rounds; round++)
            {
                using var scope = NewDisposeScope();
                tensor.Scale_(4).Shift_(-2).AddScaled_(ones, 2).AddProduct_(ones, ones, 4).AddQuotient_(ones, ones, -4).ClampTo_(1, 4);
                tensor.copy_(tensor.Over(4).Plus(ones).FilledAt([1], 2)).Shift_(-1);
            }
            Assert.Equal([1, 1, 1, 1], tensor.data<double>().ToArray());
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    private static void CollectUntil(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            GC.Collect(0);
            GC.WaitForPendingFinalizers();
        }
    }
}
