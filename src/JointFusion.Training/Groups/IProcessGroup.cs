using System.Numerics;

namespace JointFusion.Training;

/// <summary>Collectives over the replicas of one run. Every rank calls the same ones in the same order, from its one training thread.</summary>
/// <remarks>
/// Sums are taken in an order fixed by rank and world size, so a repeated run is bitwise equal; see <see cref="NcclProcessGroup"/> for its own.
/// All throw <see cref="PeerLostException"/> on every rank once any peer is gone; the group is then of no further use.
/// </remarks>
public interface IProcessGroup : IDisposable
{
    int Rank { get; }
    int WorldSize { get; }

    /// <summary>In place: the sum over ranks, bitwise the same on each.</summary>
    void AllReduce<T>(Span<T> buffer) where T : unmanaged, INumber<T>;

    /// <summary>Rank r's part is [sum(counts[..r]), + counts[r]) of <paramref name="all"/>; counts may differ and may be 0. <paramref name="local"/> may be that very part.</summary>
    void AllGather<T>(ReadOnlySpan<T> local, Span<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>;

    /// <summary>
    /// The transpose of <see cref="AllGather{T}"/>: this rank's part of the sum over ranks of <paramref name="all"/>, which may be overwritten and of
    /// which <paramref name="local"/> may be that part. The sums of even parts are <see cref="AllReduce{T}"/>'s, bitwise (not with NCCL).
    /// </summary>
    void ReduceScatter<T>(Span<T> all, Span<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>;

    /// <summary>Copies rank <paramref name="root"/>'s buffer to all.</summary>
    void Broadcast(Span<byte> buffer, int root);

    /// <summary>Returns once every rank has called it.</summary>
    void Barrier();

    /// <summary>True on every rank if true on any.</summary>
    bool Any(bool flag);
}

/// <summary>A peer of the group has died, hung up, or failed to prove the run's secret.</summary>
/// <param name="rank">The lost peer as this rank sees it; -1 where NCCL alone saw it and does not tell which.</param>
public sealed class PeerLostException(int rank, string message, Exception? inner = null) : Exception(message, inner)
{
    public int PeerRank { get; } = rank;
}
