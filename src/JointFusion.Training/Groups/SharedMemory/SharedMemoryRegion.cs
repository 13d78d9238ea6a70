using System.IO.MemoryMappedFiles;
using System.Text;

namespace JointFusion.Training;

/// <summary>One process's view of the memory that the ranks of a host share.</summary>
internal sealed unsafe class SharedMemoryRegion : IDisposable
{
    private readonly MemoryMappedViewAccessor view;
    private readonly byte* start;

    public SharedMemoryRegion(FileStream file, int worldSize)
    {
        Layout = new SharedMemoryLayout(worldSize);
        using var map = MemoryMappedFile.CreateFromFile(file, null, Layout.Bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true);
        view = map.CreateViewAccessor(0, Layout.Bytes);
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
    }

    public SharedMemoryLayout Layout { get; }

    public byte* At(long offset) => start + offset;

    public Span<byte> Span(long offset, int bytes) => new(start + offset, bytes);

    public long Read(int rank, SharedCounter counter) => Volatile.Read(ref *(long*)At(Layout.RankAt(rank) + (int)counter));

    /// <summary>Everything this rank has written before is seen by who sees the value.</summary>
    public void Write(int rank, SharedCounter counter, long value) => Volatile.Write(ref *(long*)At(Layout.RankAt(rank) + (int)counter), value);

    public long SlowestPeer(int rank, SharedCounter counter)
    {
        var slowest = long.MaxValue;
        for (var peer = 0; peer < Layout.WorldSize; peer++)
            if (peer != rank) slowest = Math.Min(slowest, Read(peer, counter));
        return slowest;
    }

    /// <summary>The loss that ends the group; null while there is none.</summary>
    public SharedLoss? Loss => SharedLoss.Of(Volatile.Read(ref *(long*)At(SharedMemoryLayout.LossAt)));

    /// <summary>Makes the loss known to all, unless one that ends the group as early is known. At most once a rank.</summary>
    /// <param name="words">Follow "Rank N ".</param>
    public void Tell(SharedLoss loss, string words)
    {
        var room = Span(Layout.RankAt(loss.Teller) + SharedMemoryLayout.WordsAt + sizeof(int), SharedMemoryLayout.MostWordsBytes);
        Encoding.UTF8.GetEncoder().Convert(words, room, true, out _, out var bytes, out _);
        *(int*)At(Layout.RankAt(loss.Teller) + SharedMemoryLayout.WordsAt) = bytes;
        ref var told = ref *(long*)At(SharedMemoryLayout.LossAt);
        while (Volatile.Read(ref told) is var known && (SharedLoss.Of(known) is not { } other || loss.From < other.From))
        {
            if (Interlocked.CompareExchange(ref told, loss.ToWord(), known) == known) return;
        }
    }

    public string WordsOf(SharedLoss loss)
    {
        var at = Layout.RankAt(loss.Teller) + SharedMemoryLayout.WordsAt;
        var bytes = Math.Clamp(*(int*)At(at), 0, SharedMemoryLayout.MostWordsBytes);
        return Encoding.UTF8.GetString(Span(at + sizeof(int), bytes));
    }

    public void Dispose()
    {
        view.SafeMemoryMappedViewHandle.ReleasePointer();
        view.Dispose();
    }
}

/// <summary>That a rank is lost, who says so, and from which collective on.</summary>
/// <param name="From">Collectives with an earlier sequence number can still be completed: the lost rank has done its part in them.</param>
internal readonly record struct SharedLoss(long From, int Teller, int Lost)
{
    public static SharedLoss? Of(long word) => word == 0 ? null : new(word >> 16, (int)(word >> 8 & 0x7f), (int)(word & 0x7f));

    /// <summary>Never 0.</summary>
    public long ToWord() => From << 16 | (long)Teller << 8 | 0x80L | (long)Lost;
}
