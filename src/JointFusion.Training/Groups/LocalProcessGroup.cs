using System.Numerics;

namespace JointFusion.Training;

/// <summary>Ranks that are threads of one process, for tests and for a world of one. Sums agree bitwise with <see cref="TcpProcessGroup"/>.</summary>
public sealed unsafe class LocalProcessGroup : IProcessGroup
{
    private readonly LocalExchange exchange;
    private long sequence;
    private bool disposed;

    private LocalProcessGroup(LocalExchange exchange, int rank, int worldSize)
    {
        this.exchange = exchange;
        Rank = rank;
        WorldSize = worldSize;
    }

    /// <summary>The groups of ranks 0 to <paramref name="worldSize"/> - 1, each to be used by a thread of its own.</summary>
    public static LocalProcessGroup[] Create(int worldSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(worldSize, 1);
        var exchange = new LocalExchange(worldSize);
        return [.. Enumerable.Range(0, worldSize).Select(rank => new LocalProcessGroup(exchange, rank, worldSize))];
    }

    public int Rank { get; }
    public int WorldSize { get; }

    public void AllReduce<T>(Span<T> buffer) where T : unmanaged, INumber<T>
    {
        fixed (T* mine = buffer)
        {
            Enter(CollectiveCall.Of<T>(++sequence, CollectiveKind.AllReduce, buffer.Length), (nint)mine);
            // Rank r alone touches segment r, in everybody's buffer.
            var start = Sums.SegmentStart(buffer.Length, Rank, WorldSize);
            var length = Sums.SegmentStart(buffer.Length, Rank + 1, WorldSize) - start;
            var sum = Part<T>(Sums.Term(Rank, 0, WorldSize), start, length);
            for (var turn = 1; turn < WorldSize; turn++) Sums.Add(sum, Part<T>(Sums.Term(Rank, turn, WorldSize), start, length));
            for (var turn = 1; turn < WorldSize; turn++) sum.CopyTo(Part<T>(Sums.Term(Rank, turn, WorldSize), start, length));
            exchange.Leave();
        }
    }

    public void AllGather<T>(ReadOnlySpan<T> local, Span<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        GroupArguments.CheckCounts(counts, WorldSize, Rank, local.Length, all.Length);
        fixed (T* mine = local)
        {
            Enter(CollectiveCall.Of<T>(++sequence, CollectiveKind.AllGather, all.Length, CollectiveCall.Fingerprint(counts)), (nint)mine);
            for (int rank = 0, start = 0; rank < WorldSize; start += counts[rank++])
                Part<T>(rank, 0, counts[rank]).CopyTo(all[start..]);
            exchange.Leave();
        }
    }

    public void ReduceScatter<T>(Span<T> all, Span<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        GroupArguments.CheckCounts(counts, WorldSize, Rank, local.Length, all.Length);
        fixed (T* mine = all)
        {
            Enter(CollectiveCall.Of<T>(++sequence, CollectiveKind.ReduceScatter, all.Length, CollectiveCall.Fingerprint(counts)), (nint)mine);
            var start = GroupArguments.Start(counts, Rank);
            // This rank alone touches its part, in everybody's buffer; its own may be where the sum goes, and is the last term.
            var sum = Part<T>(Sums.Term(Rank, 0, WorldSize), start, local.Length);
            for (var turn = 1; turn < WorldSize; turn++) Sums.Add(sum, Part<T>(Sums.Term(Rank, turn, WorldSize), start, local.Length));
            sum.CopyTo(local);
            exchange.Leave();
        }
    }

    public void Broadcast(Span<byte> buffer, int root)
    {
        GroupArguments.CheckRoot(root, WorldSize);
        fixed (byte* mine = buffer)
        {
            Enter(CollectiveCall.Of<byte>(++sequence, CollectiveKind.Broadcast, buffer.Length, (ulong)root), (nint)mine);
            if (root != Rank) Part<byte>(root, 0, buffer.Length).CopyTo(buffer);
            exchange.Leave();
        }
    }

    public void Barrier()
    {
        Enter(CollectiveCall.Of<byte>(++sequence, CollectiveKind.Barrier, 0), 0);
        exchange.Leave();
    }

    public bool Any(bool flag)
    {
        Enter(CollectiveCall.Of<byte>(++sequence, CollectiveKind.Any, 0), flag ? 1 : 0);
        var any = exchange.Buffers.Contains(1);
        exchange.Leave();
        return any;
    }

    /// <summary>Ends the group for every rank, from any thread: collectives under way and to come throw <see cref="PeerLostException"/>.</summary>
    /// <param name="reason">Follows "Rank N ", such as <c>was told that the run is over</c>.</param>
    public void Abort(string reason) => exchange.Lose(Rank, reason);

    public void Dispose()
    {
        disposed = true;
        exchange.Lose(Rank, "left the group");
    }

    private void Enter(CollectiveCall call, nint buffer)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        exchange.Enter(Rank, call, buffer);
    }

    private Span<T> Part<T>(int rank, int start, int length) where T : unmanaged =>
        new((T*)exchange.Buffers[rank] + start, length);
}
