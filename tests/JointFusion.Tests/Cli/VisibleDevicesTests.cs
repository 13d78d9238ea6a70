using System.Collections.Immutable;
using JointFusion.Cli;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class VisibleDevicesTests
{
    [Theory]
    [InlineData(null, 3, "0 1 2")]
    [InlineData(null, 0, "")]
    [InlineData("2,0", 4, "2 0")]
    [InlineData("GPU-8932f937, MIG-GPU-b1", 4, "GPU-8932f937 MIG-GPU-b1")]
    [InlineData("1,-1,0", 4, "1")]
    [InlineData("", 4, "")]
    [InlineData("NoDevFiles", 0, "NoDevFiles")]
    public void Should_SeeWhatCudaSees_When_TheEnvironmentNamesDevices(string? inherited, int installed, string devices) =>
        Assert.Equal(devices, string.Join(' ', VisibleDevices.Of(inherited, installed)));

    [Theory]
    [InlineData("0 1 2", "0 1 2 0 1")]
    [InlineData("GPU-a GPU-b", "GPU-a GPU-b GPU-a GPU-b GPU-a")]
    public void Should_GiveEachSlotItsOwn_When_ThereAreAsMany(string devices, string bySlot)
    {
        var launch = Launch with { Devices = [.. devices.Split(' ')] };
        Assert.Equal(bySlot.Split(' '), Enumerable.Range(0, 5).Select(slot => launch.ForSlot(slot).Environment[WorkerLaunch.DevicesVariable]));
    }

    [Fact]
    public void Should_SetNothing_When_ThereIsNoDevice() => Assert.Same(Launch, Launch.ForSlot(1));

    private static WorkerLaunch Launch { get; } = new("jf", [], ImmutableDictionary<string, string>.Empty);
}
