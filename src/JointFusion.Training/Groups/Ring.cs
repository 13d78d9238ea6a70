using System.Numerics;
using System.Runtime.InteropServices;

namespace JointFusion.Training;

/// <summary>Passes a buffer's segments around the ring; every collective is one pass.</summary>
/// <remarks>
/// In a pass over segments s[0], s[1], ... a rank sends s[k] to the next rank while it receives s[k+1] from the previous one, into the
/// same buffer, first adding to what is there (reduce-scatter) and later replacing it (all-gather). What is received in one turn is
/// what is sent in the next, so a chunk goes on as soon as it is there:
///
///   previous --socket--> chunk --add or store--> buffer --pump's thread--> socket--> next
///
/// A segment comes back to a rank only after its bytes have been all around, hence after they left here: receiving never overwrites
/// what is still to be sent. Each pass begins with the call's header, compared before any byte of data is used.
/// </remarks>
internal sealed unsafe class Ring : IDisposable
{
    /// <summary>Up to this many bytes a turn, a send always fits the kernel's smallest buffers, so one thread can send, then receive.</summary>
    public const int InlineBytes = 16 << 10;

    /// <summary>A chunk stays within the second-level cache until it is added; smaller ones cost more handing over.</summary>
    private const int ChunkBytes = 512 << 10;

    private readonly RingLink link;
    private readonly int rank;
    private readonly SendPump pump;
    private readonly byte[] chunk = GC.AllocateUninitializedArray<byte>(ChunkBytes, pinned: true);
    private readonly byte[] outgoing = GC.AllocateUninitializedArray<byte>(CollectiveCall.HeaderBytes + InlineBytes, pinned: true);

    public Ring(RingLink link, int rank, int worldSize)
    {
        this.link = link;
        this.rank = rank;
        pump = new SendPump(link, 2 * worldSize, $"ring-send-{rank}");
    }

    public RingLink Link => link;

    /// <param name="segments">s[0] is ready from the start; the others arrive in turn.</param>
    /// <param name="sends">How many of them, from the first, are sent on; at least 1, though the segment may be empty.</param>
    /// <param name="adds">How many of those that arrive are added to the buffer; the later ones replace it.</param>
    public void Pass<T>(in CollectiveCall call, byte* buffer, ReadOnlySpan<Segment> segments, int sends, int adds)
        where T : unmanaged, INumber<T>
    {
        link.Begin(call);
        var largest = 0L;
        foreach (var segment in segments) largest = Math.Max(largest, segment.Bytes);
        if (largest <= InlineBytes) PassInline<T>(call, buffer, segments, sends, adds);
        else PassPumped<T>(call, buffer, segments, sends, adds);
    }

    public void Dispose()
    {
        link.Dispose();
        pump.Dispose();
    }

    private void PassInline<T>(in CollectiveCall call, byte* buffer, ReadOnlySpan<Segment> segments, int sends, int adds)
        where T : unmanaged, INumber<T>
    {
        call.Write(outgoing);
        var header = CollectiveCall.HeaderBytes;
        for (var turn = 0; turn < segments.Length; turn++)
        {
            if (turn < sends)
            {
                var data = new ReadOnlySpan<byte>(buffer + segments[turn].Offset, (int)segments[turn].Bytes);
                data.CopyTo(outgoing.AsSpan(header));
                link.Send(outgoing.AsSpan(0, header + data.Length));
                header = 0;
            }
            if (turn == 0) CheckHeader(call);
            if (turn + 1 < segments.Length) Receive<T>(buffer, segments[turn + 1], add: turn < adds, forward: false);
        }
    }

    private void PassPumped<T>(in CollectiveCall call, byte* buffer, ReadOnlySpan<Segment> segments, int sends, int adds)
        where T : unmanaged, INumber<T>
    {
        call.Write(outgoing);
        link.Send(outgoing.AsSpan(0, CollectiveCall.HeaderBytes));
        var completed = false;
        pump.Begin(buffer, segments[..sends], segments[0].Bytes);
        try
        {
            CheckHeader(call);
            for (var turn = 0; turn + 1 < segments.Length; turn++)
                Receive<T>(buffer, segments[turn + 1], add: turn < adds, forward: turn + 1 < sends);
            completed = true;
        }
        finally
        {
            pump.End(completed);
        }
    }

    private void Receive<T>(byte* buffer, Segment segment, bool add, bool forward) where T : unmanaged, INumber<T>
    {
        for (long done = 0; done < segment.Bytes;)
        {
            var bytes = (int)Math.Min(ChunkBytes, segment.Bytes - done);
            var target = new Span<byte>(buffer + segment.Offset + done, bytes);
            if (add)
            {
                var addend = chunk.AsSpan(0, bytes);
                link.Receive(addend);
                Sums.Add(MemoryMarshal.Cast<byte, T>(target), MemoryMarshal.Cast<byte, T>(addend));
            }
            else
            {
                link.Receive(target);
            }
            done += bytes;
            if (forward) pump.Advance(bytes);
        }
    }

    private void CheckHeader(in CollectiveCall mine)
    {
        Span<byte> header = stackalloc byte[CollectiveCall.HeaderBytes];
        link.Receive(header);
        var theirs = CollectiveCall.Read(header);
        if (theirs == mine) return;
        var message = $"The ranks called different collectives: rank {rank} {mine}, {link.Previous} {theirs}.";
        link.Part(new PeerLostException(link.Previous.Rank, message));
        throw new CollectiveMismatchException(message);
    }
}
