using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Ranks that are processes of one machine and of one user, through memory that all of them have mapped.</summary>
/// <remarks>
/// Works on the caller's thread alone. Every collective begins with an exchange, in which ranks show their calls and what little they
/// bring; larger buffers follow in a <see cref="SharedMemoryPass"/>. All ranks name the same lost peer: the one that died, was aborted,
/// left, or was silent for too long. A peer's death is seen while waiting for it, within a fraction of a second.
/// </remarks>
public sealed unsafe class SharedMemoryProcessGroup : IProcessGroup
{
    private readonly SharedMemoryRegion? region;
    private readonly SharedMemoryWait? wait;
    private readonly SharedMemoryPass? pass;
    private readonly Lock gate = new();
    private long sequence;
    private long completed;
    private bool disposed;

    private SharedMemoryProcessGroup(int rank, int worldSize, SharedMemoryRegion? region, SharedMemoryWait? wait)
    {
        Rank = rank;
        WorldSize = worldSize;
        this.region = region;
        this.wait = wait;
        if (region is not null && wait is not null) pass = new SharedMemoryPass(region, wait, rank);
    }

    public int Rank { get; }
    public int WorldSize { get; }

    /// <summary>Joins the ranks of an assignment; returns once every rank has joined. Closes <paramref name="door"/> in any case.</summary>
    /// <param name="timeout">For all ranks to join.</param>
    /// <param name="collectiveTimeout">Longest silence inside a collective; null for <see cref="TcpProcessGroup.DefaultCollectiveTimeout"/>.</param>
    /// <param name="abort">Gives up joining; afterwards use <see cref="Abort"/>.</param>
    /// <exception cref="PeerLostException">A rank did not join in time, or does not know the run's secret.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was cancelled.</exception>
    public static SharedMemoryProcessGroup Connect(
        SharedMemoryDoor door, RankAssignment assignment, TimeSpan timeout, TimeSpan? collectiveTimeout = null, CancellationToken abort = default)
    {
        using var owned = door;
        if (assignment.WorldSize == 1) return new SharedMemoryProcessGroup(assignment.Rank, 1, null, null);
        var deadline = new Deadline(timeout);
        var formation = new SharedMemoryFormation(door, assignment, deadline, PeerProcess.Current);
        var (region, wait) = formation.Join(abort);
        var group = new SharedMemoryProcessGroup(assignment.Rank, assignment.WorldSize, region, wait);
        try
        {
            wait.Timeout = deadline.Remaining;
            using (abort.Register(() => group.Abort("was told to give up joining"))) group.Barrier();
            wait.Timeout = collectiveTimeout ?? TcpProcessGroup.DefaultCollectiveTimeout;
            return group;
        }
        catch (PeerLostException)
        {
            group.Dispose();
            abort.ThrowIfCancellationRequested();
            throw;
        }
    }

    public void AllReduce<T>(Span<T> buffer) where T : unmanaged, INumber<T>
    {
        if (!Begins()) return;
        var call = CollectiveCall.Of<T>(++sequence, CollectiveKind.AllReduce, buffer.Length);
        var small = call.Bytes <= SharedMemoryLayout.PayloadBytes;
        Exchange(call, small ? MemoryMarshal.AsBytes(buffer) : default);
        Span<Segment> segments = stackalloc Segment[WorldSize];
        for (var s = 0; s < WorldSize; s++) segments[s] = EvenPart<T>(buffer.Length, s);
        fixed (T* data = buffer)
        {
            if (!small) pass!.Run<T>((byte*)data, (byte*)data + segments[Rank].Offset, segments, adds: true, gathers: true);
            else for (var s = 0; s < WorldSize; s++) SumBrought<T>((byte*)data + segments[s].Offset, segments[s], s);
        }
        completed = sequence;
    }

    public void AllGather<T>(ReadOnlySpan<T> local, Span<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        GroupArguments.CheckCounts(counts, WorldSize, Rank, local.Length, all.Length);
        local.CopyTo(all[GroupArguments.Start(counts, Rank)..]);
        if (!Begins()) return;
        var call = CollectiveCall.Of<T>(++sequence, CollectiveKind.AllGather, all.Length, CollectiveCall.Fingerprint(counts));
        Span<Segment> segments = stackalloc Segment[WorldSize];
        var small = Parts<T>(counts, segments) <= SharedMemoryLayout.PayloadBytes;
        Exchange(call, small ? MemoryMarshal.AsBytes(local) : default);
        fixed (T* data = all)
        {
            if (!small) pass!.Run<T>((byte*)data, null, segments, adds: false, gathers: true);
            else
                for (var s = 0; s < WorldSize; s++)
                    Unsafe.CopyBlockUnaligned((byte*)data + segments[s].Offset, Brought(s), (uint)segments[s].Bytes);
        }
        completed = sequence;
    }

    public void ReduceScatter<T>(Span<T> all, Span<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        GroupArguments.CheckCounts(counts, WorldSize, Rank, local.Length, all.Length);
        if (!Begins())
        {
            all.CopyTo(local);
            return;
        }
        var call = CollectiveCall.Of<T>(++sequence, CollectiveKind.ReduceScatter, all.Length, CollectiveCall.Fingerprint(counts));
        Span<Segment> segments = stackalloc Segment[WorldSize];
        Parts<T>(counts, segments);
        var small = call.Bytes <= SharedMemoryLayout.PayloadBytes;
        Exchange(call, small ? MemoryMarshal.AsBytes(all) : default);
        fixed (T* data = all, own = local)
        {
            if (small) SumBrought<T>((byte*)own, segments[Rank], Rank);
            else pass!.Run<T>((byte*)data, (byte*)own, segments, adds: true, gathers: false);
        }
        completed = sequence;
    }

    public void Broadcast(Span<byte> buffer, int root)
    {
        GroupArguments.CheckRoot(root, WorldSize);
        if (!Begins()) return;
        var call = CollectiveCall.Of<byte>(++sequence, CollectiveKind.Broadcast, buffer.Length, (ulong)root);
        var small = buffer.Length <= SharedMemoryLayout.PayloadBytes;
        Exchange(call, small && root == Rank ? buffer : default);
        if (small)
        {
            if (root != Rank) new ReadOnlySpan<byte>(Brought(root), buffer.Length).CopyTo(buffer);
        }
        else
        {
            Span<Segment> segments = stackalloc Segment[WorldSize];
            segments[root] = new Segment(0, buffer.Length);
            fixed (byte* data = buffer) pass!.Run<byte>(data, null, segments, adds: false, gathers: true);
        }
        completed = sequence;
    }

    public void Barrier()
    {
        if (!Begins()) return;
        Exchange(CollectiveCall.Of<byte>(++sequence, CollectiveKind.Barrier, 0), default);
        completed = sequence;
    }

    public bool Any(bool flag)
    {
        if (!Begins()) return flag;
        Exchange(CollectiveCall.Of<byte>(++sequence, CollectiveKind.Any, 0), [flag ? (byte)1 : (byte)0]);
        var any = false;
        for (var rank = 0; rank < WorldSize; rank++) any |= *Brought(rank) != 0;
        completed = sequence;
        return any;
    }

    /// <summary>Ends the group for every rank, from any thread: collectives under way and to come throw <see cref="PeerLostException"/>.</summary>
    /// <param name="reason">Follows "Rank N ", such as <c>was told that the run is over</c>.</param>
    public void Abort(string reason)
    {
        lock (gate)
            if (!disposed) wait?.Lose(Rank, reason);
    }

    /// <summary>Leaves; peers in a collective that this rank has not completed, or in a later one, see it as lost.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            wait?.Lose(Rank, "left the group", completed + 1);
            region?.Dispose();
        }
    }

    /// <summary>False in a world of one, where every collective is already done.</summary>
    private bool Begins()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return region is not null;
    }

    /// <summary>Shows this rank's call and what it brings, waits for all others to do so, and compares the calls.</summary>
    /// <exception cref="CollectiveMismatchException">They are not the same.</exception>
    private void Exchange(in CollectiveCall call, ReadOnlySpan<byte> brings)
    {
        wait!.Begin(call);
        var layout = region!.Layout;
        call.Write(region.Span(layout.CallAt(Rank, sequence), CollectiveCall.HeaderBytes));
        brings.CopyTo(region.Span(layout.PayloadAt(Rank, sequence), SharedMemoryLayout.PayloadBytes));
        region.Write(Rank, SharedCounter.Entered, sequence);
        while (region.SlowestPeer(Rank, SharedCounter.Entered) < sequence) wait.Pause();
        var first = CollectiveCall.Read(region.Span(layout.CallAt(0, sequence), CollectiveCall.HeaderBytes));
        for (var rank = 1; rank < WorldSize; rank++)
        {
            var other = CollectiveCall.Read(region.Span(layout.CallAt(rank, sequence), CollectiveCall.HeaderBytes));
            if (other == first) continue;
            var message = $"The ranks called different collectives: rank 0 {first}, rank {rank} {other}.";
            wait.Lose(Rank, "saw different collectives", sequence + 1);
            throw new CollectiveMismatchException(message);
        }
    }

    /// <summary>What a rank has brought to the collective under way.</summary>
    private byte* Brought(int rank) => region!.At(region.Layout.PayloadAt(rank, sequence));

    /// <summary>One segment's sum over what all have brought.</summary>
    private void SumBrought<T>(byte* sum, Segment segment, int index) where T : unmanaged, INumber<T>
    {
        var term = Brought(Sums.Term(index, 0, WorldSize)) + segment.Offset;
        for (var turn = 1; turn < WorldSize; turn++)
        {
            Sums.AddTo((T*)term, (T*)(Brought(Sums.Term(index, turn, WorldSize)) + segment.Offset), (T*)sum, (int)(segment.Bytes / sizeof(T)));
            term = sum;
        }
    }

    /// <returns>The largest part, in bytes.</returns>
    private long Parts<T>(ReadOnlySpan<int> counts, Span<Segment> parts) where T : unmanaged
    {
        var largest = 0L;
        for (var rank = 0; rank < WorldSize; rank++)
        {
            parts[rank] = Segment.Of(GroupArguments.Start(counts, rank), counts[rank], sizeof(T));
            largest = Math.Max(largest, parts[rank].Bytes);
        }
        return largest;
    }

    private Segment EvenPart<T>(int length, int segment) where T : unmanaged
    {
        var start = Sums.SegmentStart(length, segment, WorldSize);
        return Segment.Of(start, Sums.SegmentStart(length, segment + 1, WorldSize) - start, sizeof(T));
    }
}
