using JointFusion.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>NVIDIA's own NCCL and driver on a GPU. Explicit: run on a machine with a GPU, as CONTRIBUTING.md says.</summary>
public sealed class GpuNcclTests
{
    private const int Gpu = 0;

    [Fact(Explicit = true)]
    public void Should_CarryTensorsOfTheDevice_When_CollectivesAreCalled()
    {
        const int ranks = 1;
        Ranks.Run(Ranks.ConnectNccl(NcclLibrary.Load(), [Gpu]), group =>
        {
            using var scope = NewDisposeScope();
            var gpu = torch.device($"cuda:{((NcclProcessGroup)group).Device}");
            int[] rows = [.. Enumerable.Range(1, ranks)];
            var own = full([rows[group.Rank], 4], group.Rank + 1, ScalarType.Float64, gpu);

            var gathered = group.AllGather(own, rows);
            Assert.Equal(Enumerable.Range(1, ranks).SelectMany(rank => Enumerable.Repeat((double)rank, 4 * rank)), gathered.cpu().data<double>().ToArray());

            var scattered = group.ReduceScatter(gathered.clone(), rows);
            Assert.All(scattered.cpu().data<double>().ToArray(), value => Assert.Equal(ranks * (group.Rank + 1.0), value));

            var sum = full([100_000], group.Rank + 0.5, ScalarType.Float32, gpu);
            group.AllReduce(sum);
            Assert.All(sum.cpu().data<float>().ToArray(), value => Assert.Equal(ranks * ranks / 2f, value));

            var first = full([7], group.Rank, ScalarType.Int64, gpu);
            group.Broadcast(first);
            Assert.All(first.cpu().data<long>().ToArray(), value => Assert.Equal(0, value));
        });
    }

    [Fact(Explicit = true)]
    public void Should_CarryNumbersOfTheCpu_When_CollectivesAreCalled()
    {
        Ranks.Run(Ranks.ConnectNccl(NcclLibrary.Load(), [Gpu]), group =>
        {
            double[] numbers = [1, 2, 3];
            group.AllReduce<double>(numbers);
            Assert.Equal([1, 2, 3], numbers);
            Assert.True(group.Any(true));
        });
    }

    [Fact(Explicit = true)]
    public void Should_BeRefusedOnBoth_When_TwoRanksHaveOneGpu()
    {
        var listeners = Ranks.Listen(2);
        var errors = Ranks.Try(Enumerable.Range(0, 2).Select<int, Action>(rank => () => NcclProcessGroup.Connect(
            listeners[rank], Ranks.Assignment(listeners, rank), NcclLibrary.Load(), Gpu, Ranks.Patience)));
        Assert.All(errors, error => Assert.Contains("Duplicate GPU", Assert.IsType<NcclException>(error).Message, StringComparison.Ordinal));
    }
}
