using System.Numerics;

namespace JointFusion.Training;

/// <summary>The same for a group that reaches a device's memory: hidden, every tensor would go through the CPU's.</summary>
internal sealed class WatchedDeviceProcessGroup(IDeviceProcessGroup group, RunWatch watch) : WatchedProcessGroup(group, watch), IDeviceProcessGroup
{
    public int Device => group.Device;

    public void AllReduce<T>(DeviceSpan<T> buffer) where T : unmanaged, INumber<T>
    {
        using var _ = Watch<T>(CollectiveKind.AllReduce, buffer.Length);
        group.AllReduce(buffer);
    }

    public void AllGather<T>(DeviceSpan<T> local, DeviceSpan<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        using var _ = Watch<T>(CollectiveKind.AllGather, all.Length);
        group.AllGather(local, all, counts);
    }

    public void ReduceScatter<T>(DeviceSpan<T> all, DeviceSpan<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        using var _ = Watch<T>(CollectiveKind.ReduceScatter, all.Length);
        group.ReduceScatter(all, local, counts);
    }

    public void Broadcast(DeviceSpan<byte> buffer, int root)
    {
        using var _ = Watch<byte>(CollectiveKind.Broadcast, buffer.Length);
        group.Broadcast(buffer, root);
    }
}
