using System.Numerics;
using JointFusion.Training;

namespace JointFusion.Numerics.Tests;

/// <summary>A group that lets a test look around in the middle of a barrier or a sum.</summary>
internal sealed class Prying(IProcessGroup group, Action<string> pry) : IProcessGroup
{
    public int Rank => group.Rank;

    public int WorldSize => group.WorldSize;

    public void AllReduce<T>(Span<T> buffer) where T : unmanaged, INumber<T>
    {
        pry($"all_reduce of {buffer.Length * sizeof(float)} bytes");
        group.AllReduce(buffer);
    }

    public void AllGather<T>(ReadOnlySpan<T> local, Span<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T> => group.AllGather(local, all, counts);

    public void ReduceScatter<T>(Span<T> all, Span<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T> => group.ReduceScatter(all, local, counts);

    public void Broadcast(Span<byte> buffer, int root) => group.Broadcast(buffer, root);

    public void Barrier()
    {
        pry("barrier of 0 bytes");
        group.Barrier();
    }

    public bool Any(bool flag) => group.Any(flag);

    public void Dispose() => group.Dispose();
}
