using System.Numerics;
using System.Runtime.CompilerServices;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Ranks that are processes joined in a ring of TCP connections: each sends to the next and receives from the one before.</summary>
/// <remarks>
/// Works on the caller's thread and one that sends. Every connection has proven the run's secret in both directions; what travels over
/// it is neither encrypted nor signed. A lost peer is named as this rank sees it: the neighbours of the dead one name it, the
/// others name the neighbour that gave up because of it. After <see cref="Abort"/> the rank named is this one.
/// </remarks>
public sealed unsafe class TcpProcessGroup : IProcessGroup
{
    /// <summary>Longest silence of a peer inside a collective before it counts as lost.</summary>
    public static readonly TimeSpan DefaultCollectiveTimeout = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Sums of up to so many bytes over all ranks: everyone gathers all terms and adds them itself, in the ring's order. That is one way
    /// around the ring in place of two; larger sums would pay for it in bytes, (W - 1) n each in place of 2 (W - 1) n / W.
    /// </summary>
    private const int GatheredSumBytes = 32 << 10;

    private readonly Ring? ring;
    private readonly byte[] gathered = GC.AllocateUninitializedArray<byte>(GatheredSumBytes, pinned: true);
    private readonly byte[] flags;
    private long sequence;
    private bool disposed;

    private TcpProcessGroup(int rank, int worldSize, RingLink? link)
    {
        Rank = rank;
        WorldSize = worldSize;
        flags = GC.AllocateArray<byte>(worldSize, pinned: true);
        ring = link is null ? null : new Ring(link, rank, worldSize);
    }

    public int Rank { get; }
    public int WorldSize { get; }

    /// <summary>Joins the ranks of an assignment; returns once every rank has joined. Closes <paramref name="listener"/> in any case.</summary>
    /// <param name="timeout">For all ranks to join.</param>
    /// <param name="collectiveTimeout">Longest silence inside a collective; null for <see cref="DefaultCollectiveTimeout"/>.</param>
    /// <param name="abort">Gives up joining; afterwards use <see cref="Abort"/>.</param>
    /// <exception cref="PeerLostException">A neighbour did not come in time, or refused this rank.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="abort"/> was cancelled.</exception>
    public static TcpProcessGroup Connect(
        TcpListenerSocket listener, RankAssignment assignment, TimeSpan timeout, TimeSpan? collectiveTimeout = null,
        CancellationToken abort = default)
    {
        using var owned = listener;
        if (assignment.WorldSize == 1) return new TcpProcessGroup(assignment.Rank, 1, null);
        var deadline = new Deadline(timeout);
        var link = new RingFormation(listener, assignment, deadline).Join(abort);
        var group = new TcpProcessGroup(assignment.Rank, assignment.WorldSize, link);
        try
        {
            link.SetTimeout(deadline.Remaining);
            using (abort.Register(() => group.Abort("was told to give up joining"))) group.Barrier();
            group.SetCollectiveTimeout(collectiveTimeout ?? DefaultCollectiveTimeout);
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
        if (call.Bytes * WorldSize <= GatheredSumBytes) GatherAndSum(call, buffer);
        else RingSum(call, buffer);
    }

    public void AllGather<T>(ReadOnlySpan<T> local, Span<T> all, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        GroupArguments.CheckCounts(counts, WorldSize, Rank, local.Length, all.Length);
        local.CopyTo(all[GroupArguments.Start(counts, Rank)..]);
        if (!Begins()) return;
        var call = CollectiveCall.Of<T>(++sequence, CollectiveKind.AllGather, all.Length, CollectiveCall.Fingerprint(counts));
        Span<Segment> segments = stackalloc Segment[WorldSize];
        for (var k = 0; k < WorldSize; k++) segments[k] = PartOf<T>(counts, Behind(k));
        fixed (T* data = all) ring!.Pass<T>(call, (byte*)data, segments, sends: WorldSize - 1, adds: 0);
    }

    public void ReduceScatter<T>(Span<T> all, Span<T> local, ReadOnlySpan<int> counts) where T : unmanaged, INumber<T>
    {
        GroupArguments.CheckCounts(counts, WorldSize, Rank, local.Length, all.Length);
        if (Begins())
        {
            var call = CollectiveCall.Of<T>(++sequence, CollectiveKind.ReduceScatter, all.Length, CollectiveCall.Fingerprint(counts));
            Span<Segment> segments = stackalloc Segment[WorldSize];
            for (var k = 0; k < WorldSize; k++) segments[k] = PartOf<T>(counts, Behind(k + 1));
            fixed (T* data = all) ring!.Pass<T>(call, (byte*)data, segments, sends: WorldSize - 1, adds: WorldSize - 1);
        }
        all.Slice(GroupArguments.Start(counts, Rank), local.Length).CopyTo(local);
    }

    public void Broadcast(Span<byte> buffer, int root)
    {
        GroupArguments.CheckRoot(root, WorldSize);
        if (!Begins()) return;
        var call = CollectiveCall.Of<byte>(++sequence, CollectiveKind.Broadcast, buffer.Length, (ulong)root);
        var whole = new Segment(0, buffer.Length);
        var last = (Rank + 1) % WorldSize == root;
        ReadOnlySpan<Segment> segments = Rank == root ? [whole] : [default, whole];
        fixed (byte* data = buffer) ring!.Pass<byte>(call, data, segments, sends: Rank == root || last ? 1 : 2, adds: 0);
    }

    public void Barrier()
    {
        if (Begins()) GatherFlags(CollectiveCall.Of<byte>(++sequence, CollectiveKind.Barrier, 0), false);
    }

    public bool Any(bool flag)
    {
        if (!Begins()) return flag;
        GatherFlags(CollectiveCall.Of<byte>(++sequence, CollectiveKind.Any, 0), flag);
        return flags.AsSpan().Contains((byte)1);
    }

    /// <summary>Ends the group for every rank, from any thread: collectives under way and to come throw <see cref="PeerLostException"/>.</summary>
    /// <param name="reason">Follows "Rank N ", such as <c>was told that the run is over</c>.</param>
    public void Abort(string reason) => ring?.Link.Fail(new PeerLostException(Rank, $"Rank {Rank} {reason}."));

    /// <summary>Returns once every rank has come to the same collective, whose data then go another way.</summary>
    /// <returns>The call with its number.</returns>
    internal CollectiveCall Meet(CollectiveCall call)
    {
        if (!Begins()) return call;
        call = call with { Sequence = ++sequence };
        GatherFlags(call, false);
        return call;
    }

    /// <inheritdoc cref="RingLink.SetTimeout"/>
    internal void SetCollectiveTimeout(TimeSpan longestSilence) => ring?.Link.SetTimeout(longestSilence);

    /// <inheritdoc cref="RingLink.FindDeparted"/>
    internal Neighbour? FindDeparted() => ring?.Link.FindDeparted();

    /// <inheritdoc cref="RingLink.Fail"/>
    internal PeerLostException Lose(PeerLostException reason) => ring?.Link.Fail(reason) ?? reason;

    /// <summary>Hangs up; peers inside a collective, or in a later one, see this rank as lost.</summary>
    public void Dispose()
    {
        if (disposed) return;
        disposed = true;
        ring?.Dispose();
    }

    /// <summary>False in a world of one, where every collective is already done.</summary>
    private bool Begins()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        return ring is not null;
    }

    private void RingSum<T>(in CollectiveCall call, Span<T> buffer) where T : unmanaged, INumber<T>
    {
        Span<Segment> segments = stackalloc Segment[2 * WorldSize - 1];
        for (var k = 0; k < segments.Length; k++) segments[k] = EvenPart<T>(buffer.Length, Behind(k + 1));
        fixed (T* data = buffer) ring!.Pass<T>(call, (byte*)data, segments, sends: 2 * (WorldSize - 1), adds: WorldSize - 1);
    }

    private void GatherAndSum<T>(in CollectiveCall call, Span<T> buffer) where T : unmanaged, INumber<T>
    {
        Span<Segment> segments = stackalloc Segment[WorldSize];
        for (var k = 0; k < WorldSize; k++) segments[k] = new Segment(Behind(k) * call.Bytes, call.Bytes);
        fixed (byte* terms = gathered)
        {
            buffer.CopyTo(new Span<T>(terms + Rank * call.Bytes, buffer.Length));
            ring!.Pass<T>(call, terms, segments, sends: WorldSize - 1, adds: 0);
            for (var s = 0; s < WorldSize; s++)
            {
                var start = Sums.SegmentStart(buffer.Length, s, WorldSize);
                var sum = buffer[start..Sums.SegmentStart(buffer.Length, s + 1, WorldSize)];
                for (var turn = 0; turn < WorldSize; turn++)
                {
                    var term = new Span<T>((T*)(terms + Sums.Term(s, turn, WorldSize) * call.Bytes) + start, sum.Length);
                    if (turn == 0) term.CopyTo(sum);
                    else Sums.Add(sum, term);
                }
            }
        }
    }

    private void GatherFlags(in CollectiveCall call, bool flag)
    {
        flags[Rank] = flag ? (byte)1 : (byte)0;
        Span<Segment> segments = stackalloc Segment[WorldSize];
        for (var k = 0; k < WorldSize; k++) segments[k] = new Segment(Behind(k), 1);
        fixed (byte* data = flags) ring!.Pass<byte>(call, data, segments, sends: WorldSize - 1, adds: 0);
    }

    /// <summary>The segment that this rank handles k turns after its own.</summary>
    private int Behind(int k) => (Rank - k % WorldSize + WorldSize) % WorldSize;

    private static Segment PartOf<T>(ReadOnlySpan<int> counts, int rank) where T : unmanaged =>
        Segment.Of(GroupArguments.Start(counts, rank), counts[rank], Unsafe.SizeOf<T>());

    private Segment EvenPart<T>(int length, int segment) where T : unmanaged
    {
        var start = Sums.SegmentStart(length, segment, WorldSize);
        return Segment.Of(start, Sums.SegmentStart(length, segment + 1, WorldSize) - start, Unsafe.SizeOf<T>());
    }
}
