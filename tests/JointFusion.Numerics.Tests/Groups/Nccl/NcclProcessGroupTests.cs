using System.Diagnostics;
using JointFusion.Training;
using Xunit;

namespace JointFusion.Numerics.Tests;

/// <summary>What NCCL adds to the suites that all groups pass: device memory, and ends that only a library of its own can bring about.</summary>
public sealed class NcclProcessGroupTests
{
    private static readonly int[] Uneven = [3, 0, 5];

    [Fact]
    public void Should_leave_nothing_on_the_device_When_disposed()
    {
        var groups = Ranks.ConnectNccl(3);
        Ranks.Run(groups, group =>
        {
            group.AllReduce<float>(new float[1_000]);
            group.AllGather<double>(new double[Uneven[group.Rank]], new double[8], Uneven);
        });
        Assert.All(groups, group => Assert.Equal(0, StandIn.Live(group.Device)));
    }

    [Fact]
    public unsafe void Should_work_in_place_When_the_data_lie_on_the_device()
    {
        var groups = Ranks.ConnectNccl(3);
        var cuda = StandIn.Library.Cuda;
        Ranks.Run(groups, group =>
        {
            using var memory = new CudaDevice(cuda, ((NcclProcessGroup)group).Device);
            var onDevice = (IDeviceProcessGroup)group;
            var all = memory.Stage<double>(8 + 5);
            var sum = all.Slice(0, 8);
            var own = all.Slice(8, Uneven[group.Rank]);
            memory.Upload(Enumerable.Range(0, 8).Select(i => i + 100.0 * group.Rank).ToArray(), sum);

            onDevice.ReduceScatter(sum, own, Uneven);
            onDevice.AllGather(own, sum, Uneven);
            var result = new double[8];
            memory.Download(sum, result);
            Assert.Equal(Enumerable.Range(0, 8).Select(i => 3.0 * i + 300), result);

            onDevice.AllReduce(sum.Slice(2, 4));
            onDevice.Broadcast(new DeviceSpan<byte>(sum.Address, 8 * sizeof(double)), 2);
            memory.Download(sum, result);
            Assert.Equal(Enumerable.Range(0, 8).Select(i => (3.0 * i + 300) * (i is >= 2 and < 6 ? 3 : 1)), result);
        });
    }

    [Fact]
    public void Should_refuse_memory_of_the_CPU_When_it_is_said_to_be_the_devices()
    {
        var groups = Ranks.ConnectNccl(1);
        var error = Assert.Throws<NcclException>(() => groups[0].AllReduce(new DeviceSpan<float>(4096, 10)));
        groups[0].Dispose();
        Assert.Contains("ncclAllReduce: invalid argument (4)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_name_the_type_When_NCCL_cannot_carry_it()
    {
        var groups = Ranks.ConnectNccl(1);
        var error = Assert.Throws<ArgumentException>(() => groups[0].AllReduce<decimal>(new decimal[1]));
        groups[0].Dispose();
        Assert.Contains("System.Decimal", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_end_on_all_When_a_device_does_not_come_in_time()
    {
        var groups = Ranks.ConnectNccl(3, TimeSpan.FromSeconds(1)); // In which all three threads begin.
        StandIn.Hold(groups[1].Device);
        var errors = Ranks.Try(groups, group => group.AllReduce<float>(new float[10]));
        foreach (var group in groups) group.Dispose();
        Assert.All(errors, error => Assert.IsType<PeerLostException>(error));
        Assert.Contains(errors.Cast<PeerLostException>(), error => error.PeerRank == -1
            && error.Message.Contains("waited 1 s for all_reduce #3 of 40 bytes of float, to which all ranks had come", StringComparison.Ordinal));
        Assert.All(groups, group => Assert.Equal(0, StandIn.Live(group.Device)));
    }

    [Fact]
    public void Should_end_on_all_within_seconds_When_a_rank_is_aborted_while_NCCL_waits()
    {
        var groups = Ranks.ConnectNccl(3);
        StandIn.Hold(groups[1].Device);
        var started = Stopwatch.GetTimestamp();
        var body = groups.Select<NcclProcessGroup, Action>(group => () => group.AllReduce<float>(new float[10]));
        var errors = Ranks.Try(body.Append(() =>
        {
            SpinWait.SpinUntil(() => groups.All(group => StandIn.UnderWay(group.Device) == 1));
            groups[1].Abort("was told to go");
        }));
        foreach (var group in groups) group.Dispose();
        Assert.True(Stopwatch.GetElapsedTime(started) < Ranks.Patience);
        Assert.All(errors[..3], error => Assert.IsType<PeerLostException>(error));
        Assert.Equal(1, Assert.IsType<PeerLostException>(errors[0]).PeerRank); // Rank 2 may see rank 0 give up first.
        Assert.Contains("all_reduce #3", errors[0]!.Message, StringComparison.Ordinal);
        Assert.Contains("Rank 1 was told to go", errors[1]!.Message, StringComparison.Ordinal);
        Assert.All(groups, group => Assert.Equal(0, StandIn.Live(group.Device)));
    }

    [Fact]
    public void Should_name_the_peer_that_hung_up_When_NCCL_does_not_end()
    {
        var rings = Ranks.Create("tcp", 2).Cast<TcpProcessGroup>().ToArray();
        var watch = new NcclWatch(rings[0]);
        watch.Begin(CollectiveCall.Of<float>(7, CollectiveKind.AllReduce, 10), Ranks.Patience);
        rings[1].Dispose();
        var error = Assert.Throws<PeerLostException>((Action)(() =>
        {
            while (true) watch.Pause();
        }));
        rings[0].Dispose();
        Assert.Equal(1, error.PeerRank);
        Assert.EndsWith("hung up during all_reduce #7 of 40 bytes of float.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_complete_When_a_rank_has_done_its_part_and_left()
    {
        for (var round = 0; round < 20; round++)
        {
            var groups = Ranks.ConnectNccl(3);
            Assert.All(Ranks.Try(groups, group =>
            {
                using var leaving = group;
                group.AllReduce<float>(new float[200_000]);
            }), Assert.Null);
        }
    }

    [Theory]
    [InlineData(NcclResult.RemoteError, typeof(PeerLostException), "lost a peer in all_reduce #3 of 40 bytes of float")]
    [InlineData(NcclResult.InternalError, typeof(NcclException), "internal error (3): said by the stand-in")]
    internal void Should_tell_a_lost_peer_from_a_failure_here_When_NCCL_reports_an_error(NcclResult failure, Type expected, string message)
    {
        var groups = Ranks.ConnectNccl(2);
        StandIn.Hold(groups[0].Device);
        StandIn.Fail(groups[0].Device, failure);
        var errors = Ranks.Try(groups, group => group.AllReduce<float>(new float[10]));
        var again = Record.Exception(groups[0].Barrier);
        foreach (var group in groups) group.Dispose();
        Assert.IsType(expected, errors[0]);
        Assert.Contains(message, errors[0]!.Message, StringComparison.Ordinal);
        Assert.Equal(0, Assert.IsType<PeerLostException>(errors[1]).PeerRank);
        Assert.IsType<PeerLostException>(again);
    }

    [Fact]
    public void Should_refuse_both_When_two_ranks_have_one_device()
    {
        var (library, device) = (StandIn.Library, StandIn.NewDevices(1));
        var listeners = Ranks.Listen(2);
        var errors = Ranks.Try(Enumerable.Range(0, 2).Select<int, Action>(rank => () =>
            NcclProcessGroup.Connect(listeners[rank], Ranks.Assignment(listeners, rank), library, device, Ranks.Patience)));
        Assert.Contains(errors, error => error is NcclException && error.Message.Contains("invalid usage", StringComparison.Ordinal));
        Assert.All(errors, error => Assert.True(error is NcclException or PeerLostException, error?.ToString()));
        Assert.Equal(0, StandIn.Live(device));
    }

    [Fact]
    public void Should_say_so_When_there_is_no_such_device()
    {
        var library = StandIn.Library;
        var listeners = Ranks.Listen(1);
        var error = Assert.Throws<NcclException>(() =>
            NcclProcessGroup.Connect(listeners[0], Ranks.Assignment(listeners, 0), library, 1 << 20, Ranks.Patience, null, TestContext.Current.CancellationToken));
        Assert.Equal("cuDeviceGet(1048576): invalid device ordinal (101)", error.Message);
    }

    [Fact]
    public void Should_give_up_joining_When_cancelled()
    {
        var library = StandIn.Library;
        var listeners = Ranks.Listen(2);
        using var abort = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.Throws<OperationCanceledException>(() => NcclProcessGroup.Connect(
            listeners[0], Ranks.Assignment(listeners, 0), library, StandIn.NewDevices(1), Ranks.Patience, null, abort.Token));
        listeners[1].Dispose();
    }

    [Fact]
    public void Should_name_the_library_and_the_way_out_When_it_is_missing()
    {
        var error = Assert.Throws<DeviceException>(() => NcclLibrary.Load("/nowhere/libnccl.so.2"));
        Assert.Contains("/nowhere/libnccl.so.2 cannot be loaded", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "Install NCCL 2.14 or newer for this driver's CUDA version, or set JF_NCCL to its path; or set transport: tcp.",
            error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_name_the_function_When_the_library_is_another()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a library that is there: libc.so.6");
        var error = Assert.Throws<DeviceException>(() => NcclLibrary.Load("libc.so.6"));
        Assert.Contains("libc.so.6 is too old or something else: it has no ncclGetUniqueId", error.Message, StringComparison.Ordinal);
    }
}
