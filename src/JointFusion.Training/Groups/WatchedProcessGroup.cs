using System.Numerics;

namespace JointFusion.Training;

/// <summary>A group whose collectives the run's watch sees begin and end, so that a rank that holds the others up can be told from those it holds.</summary>
public class WatchedProcessGroup : IProcessGroup
{
    private readonly IProcessGroup group;
    private readonly RunWatch watch;
    private long sequence;

    private protected WatchedProcessGroup(IProcessGroup group, RunWatch watch) => (this.group, this.watch) = (group, watch);

    /// <param name="group">Owned.</param>
    /// <param name="watch">Of this rank.</param>
    public static IProcessGroup Of(IProcessGroup group, RunWatch watch) =>
        group is IDeviceProcessGroup device ? new WatchedDeviceProcessGroup(device, watch) : new WatchedProcessGroup(group, watch);

    public int Rank => group.Rank;

    public int WorldSize => group.WorldSize;

    public void AllReduce<T>(Span<T> buffer) where T : unmanaged, INumber<T>
    {
        using var _ = Watch<T>(CollectiveKind.AllReduce, buffer.Length);
        group.AllReduce(buffer);
    }

    public void AllGather<T>(ReadOnlySpan<T> local, Span<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        using var _ = Watch<T>(CollectiveKind.AllGather, all.Length);
        group.AllGather(local, all, counts);
    }

    public void ReduceScatter<T>(Span<T> all, Span<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        using var _ = Watch<T>(CollectiveKind.ReduceScatter, all.Length);
        group.ReduceScatter(all, local, counts);
    }

    public void Broadcast(Span<byte> buffer, int root)
    {
        using var _ = Watch<byte>(CollectiveKind.Broadcast, buffer.Length);
        group.Broadcast(buffer, root);
    }

    public void Barrier()
    {
        using var _ = Watch<byte>(CollectiveKind.Barrier, 0);
        group.Barrier();
    }

    public bool Any(bool flag)
    {
        using var _ = Watch<byte>(CollectiveKind.Any, 1);
        return group.Any(flag);
    }

    public void Dispose() => group.Dispose();

    private protected UntilItEnds Watch<T>(CollectiveKind kind, int length) where T : unmanaged
    {
        watch.Begin(CollectiveCall.Of<T>(++sequence, kind, length));
        return new UntilItEnds(watch);
    }

    private protected readonly ref struct UntilItEnds(RunWatch watch)
    {
        public void Dispose() => watch.End();
    }
}
