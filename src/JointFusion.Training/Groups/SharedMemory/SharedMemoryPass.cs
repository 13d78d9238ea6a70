using System.Numerics;
using System.Runtime.CompilerServices;

namespace JointFusion.Training;

/// <summary>Sums and gathers of any size, through shared slots in chunks; every large collective is one pass.</summary>
/// <remarks>
/// A buffer has a segment for each rank, its owner. In each round a rank does three things to one chunk of every segment:
///
///   Post   lays its addends out:             buffer[s] --> addend slot (rank, s), for each other owner s
///   Show   adds up its own segment's chunk:  addend slots (others, rank) + buffer[rank] --> buffer[rank] and its result slot
///   Take   copies the others' results:       result slot s --> buffer[s]
///
/// A gather has no Post, and shows what it has; a scatter has no Take. Nobody waits in a fixed place: a rank does what can be done and
/// runs at most <see cref="SharedMemoryLayout.Depth"/> rounds ahead. What a round touches is little enough to stay in the caches from its
/// Post to its Take, so each byte of the buffer is read from memory once and written once.
/// </remarks>
internal sealed unsafe class SharedMemoryPass(SharedMemoryRegion region, SharedMemoryWait wait, int rank)
{
    private const int Depth = SharedMemoryLayout.Depth;
    private readonly SharedMemoryLayout layout = region.Layout;
    private long before;

    /// <param name="buffer">Each rank's segment of it, by rank, in <paramref name="segments"/>.</param>
    /// <param name="own">Takes this rank's segment of the sum; may lie in the buffer.</param>
    /// <param name="adds">Whether segments are summed over the ranks, or taken from their owner as they are.</param>
    /// <param name="gathers">Whether all ranks get all segments.</param>
    public void Run<T>(byte* buffer, byte* own, ReadOnlySpan<Segment> segments, bool adds, bool gathers) where T : unmanaged, INumber<T>
    {
        var largest = 0L;
        foreach (var segment in segments) largest = Math.Max(largest, segment.Bytes);
        var rounds = (largest + layout.ChunkBytes - 1) / layout.ChunkBytes;
        var (posted, shown, taken) = (adds ? 0 : rounds, 0L, gathers ? 0 : rounds);
        var (peersPosted, peersShown, peersTaken) = (adds ? 0 : rounds, 0L, gathers ? 0 : rounds);
        while (posted < rounds || shown < rounds || taken < rounds)
        {
            var progressed = false;
            if (posted < rounds && Reached(SharedCounter.Shown, ref peersShown, posted - Depth + 1))
            {
                Post(buffer, segments, posted);
                region.Write(rank, SharedCounter.Posted, before + ++posted);
                progressed = true;
            }
            if (shown < rounds && Reached(SharedCounter.Posted, ref peersPosted, shown + 1) && Reached(SharedCounter.Taken, ref peersTaken, shown - Depth + 1))
            {
                Show<T>(buffer, own, segments[rank], shown, adds, gathers);
                region.Write(rank, SharedCounter.Shown, before + ++shown);
                progressed = true;
            }
            if (taken < rounds && Reached(SharedCounter.Shown, ref peersShown, taken + 1))
            {
                Take(buffer, segments, taken);
                region.Write(rank, SharedCounter.Taken, before + ++taken);
                progressed = true;
            }
            if (progressed) wait.Progressed();
            else wait.Pause();
        }
        before += rounds;
    }

    /// <summary>Whether every peer has come so far; looks at their counters only when what was seen last does not settle it.</summary>
    private bool Reached(SharedCounter counter, ref long seen, long needed)
    {
        if (seen >= needed) return true;
        seen = region.SlowestPeer(rank, counter) - before;
        return seen >= needed;
    }

    private void Post(byte* buffer, ReadOnlySpan<Segment> segments, long round)
    {
        for (var owner = 0; owner < segments.Length; owner++)
        {
            var bytes = Chunk(segments[owner], round);
            if (owner == rank || bytes == 0) continue;
            Unsafe.CopyBlockUnaligned(region.At(layout.AddendAt(rank, owner, round)), At(buffer, segments[owner], round), (uint)bytes);
        }
    }

    private void Show<T>(byte* buffer, byte* own, Segment segment, long round, bool adds, bool gathers) where T : unmanaged, INumber<T>
    {
        var bytes = Chunk(segment, round);
        if (bytes == 0) return;
        var mine = At(buffer, segment, round);
        var result = region.At(layout.ResultAt(rank, round));
        if (!adds)
        {
            Unsafe.CopyBlockUnaligned(result, mine, (uint)bytes);
            return;
        }
        var target = own + round * layout.ChunkBytes;
        var length = bytes / sizeof(T);
        var sum = (T*)Addend(Sums.Term(rank, 0, layout.WorldSize), round);
        for (var turn = 1; turn < layout.WorldSize - 1; turn++)
        {
            Sums.AddTo(sum, (T*)Addend(Sums.Term(rank, turn, layout.WorldSize), round), (T*)result, length);
            sum = (T*)result;
        }
        if (gathers) Sums.AddToBoth(sum, (T*)mine, (T*)target, (T*)result, length);
        else Sums.AddTo(sum, (T*)mine, (T*)target, length);
    }

    private void Take(byte* buffer, ReadOnlySpan<Segment> segments, long round)
    {
        for (var turn = 1; turn < segments.Length; turn++)
        {
            var owner = (rank + turn) % segments.Length;
            var bytes = Chunk(segments[owner], round);
            if (bytes > 0) Unsafe.CopyBlockUnaligned(At(buffer, segments[owner], round), region.At(layout.ResultAt(owner, round)), (uint)bytes);
        }
    }

    private byte* Addend(int from, long round) => region.At(layout.AddendAt(from, rank, round));

    private byte* At(byte* buffer, Segment segment, long round) => buffer + segment.Offset + round * layout.ChunkBytes;

    private int Chunk(Segment segment, long round) => (int)Math.Clamp(segment.Bytes - round * layout.ChunkBytes, 0, layout.ChunkBytes);
}
