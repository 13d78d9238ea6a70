using JointFusion.Training;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>NVIDIA's own NCCL and driver on a GPU. Explicit: run on a machine with a GPU, as CONTRIBUTING.md says.</summary>
public sealed class GpuNcclTests
{
    private const int Gpu = 0;

    /// <summary>Through NCCL, which a run's single rank would not be.</summary>
    [Fact(Explicit = true)]
    public void Should_CarryTensorsOfTheDevice_When_CollectivesAreCalled()
    {
        Ranks.Run(Ranks.ConnectNccl(NcclLibrary.Load(), [Gpu]), group =>
        {
            using var scope = NewDisposeScope();
            var onDevice = (IDeviceProcessGroup)group;
            var gpu = torch.device($"cuda:{Gpu}");
            double[] numbers = [1, 2, 3, 4, 5, 6];
            var own = tensor(numbers, [3, 2], device: gpu);
            var (gathered, scattered) = (zeros_like(own), zeros_like(own));

            onDevice.AllGatherOnDevice(own, gathered, [6]);
            Assert.Equal(numbers, gathered.cpu().data<double>().ToArray());
            onDevice.ReduceScatterOnDevice(gathered, scattered, [6]);
            Assert.Equal(numbers, scattered.cpu().data<double>().ToArray());
            onDevice.AllReduceOnDevice(own);
            onDevice.BroadcastOnDevice(own);
            Assert.Equal(numbers, own.cpu().data<double>().ToArray());
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
