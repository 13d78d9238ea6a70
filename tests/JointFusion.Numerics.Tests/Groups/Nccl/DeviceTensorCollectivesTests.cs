using System.Numerics;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>From tensors to addresses and counts, on tensors of the CPU: a group whose device is the CPU stands for one with a GPU.</summary>
public sealed class DeviceTensorCollectivesTests
{
    private static readonly int[] Counts = [2 * 3, 1 * 3];

    public static TheoryData<ScalarType> Types => [ScalarType.Float32, ScalarType.Float64];

    [Theory]
    [MemberData(nameof(Types))]
    public void Should_reach_the_elements_of_a_view_When_it_starts_inside_its_storage(ScalarType type) => RankThreads.Run(2, group =>
    {
        var onDevice = new CpuAsDevice(group);
        var whole = arange(12, dtype: type);
        onDevice.AllReduceOnDevice(whole.narrow(0, 4, 3));
        Assert.Equal([0, 1, 2, 3, 8, 10, 12, 7, 8, 9, 10, 11], Values(whole));
        onDevice.BroadcastOnDevice(whole.narrow(0, group.Rank, 1));
        Assert.Equal(group.Rank == 0 ? 1.0 : 0.0, Values(whole)[1]);
    });

    [Theory]
    [MemberData(nameof(Types))]
    public void Should_gather_and_scatter_rows_When_they_are_uneven(ScalarType type) => RankThreads.Run(2, group =>
    {
        var onDevice = new CpuAsDevice(group);
        var local = full(2 - group.Rank, 3, (double)(group.Rank + 1), type);
        var all = zeros(3, 3, type);
        onDevice.AllGatherOnDevice(local, all, Counts);
        Assert.Equal([1, 1, 1, 1, 1, 1, 2, 2, 2], Values(all));
        onDevice.ReduceScatterOnDevice(all, local, Counts);
        Assert.All(Values(local), value => Assert.Equal(2.0 * (group.Rank + 1), value));
    });

    [Fact]
    public void Should_refuse_a_tensor_When_its_elements_are_not_together()
    {
        using var tensor = zeros(3, 4);
        using var group = LocalProcessGroup.Create(1)[0];
        Assert.Throws<ArgumentException>(() => new CpuAsDevice(group).AllReduceOnDevice(tensor.t()));
    }

    [Fact]
    public void Should_not_take_the_device_way_When_the_tensor_is_on_the_CPU()
    {
        using var tensor = zeros(3);
        using var group = LocalProcessGroup.Create(1)[0];
        Assert.Null(new CpuAsDevice(group).At(tensor));
        Assert.Null(group.At(tensor));
    }

    private static double[] Values(Tensor tensor) => tensor.to(ScalarType.Float64).flatten().data<double>().ToArray();

    private sealed unsafe class CpuAsDevice(IProcessGroup inner) : GroupDecorator(inner), IDeviceProcessGroup
    {
        public int Device => 0;

        public void AllReduce<T>(DeviceSpan<T> buffer) where T : unmanaged, INumber<T> => Inner.AllReduce(Span(buffer));

        public void AllGather<T>(DeviceSpan<T> local, DeviceSpan<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T> =>
            Inner.AllGather(Span(local), Span(all), counts);

        public void ReduceScatter<T>(DeviceSpan<T> all, DeviceSpan<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T> =>
            Inner.ReduceScatter(Span(all), Span(local), counts);

        public void Broadcast(DeviceSpan<byte> buffer, int root) => Inner.Broadcast(Span(buffer), root);

        private static Span<T> Span<T>(DeviceSpan<T> span) where T : unmanaged => new((T*)span.Address, span.Length);
    }
}
