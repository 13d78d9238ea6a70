namespace JointFusion.Training;

/// <summary>Where everything is in the memory that the ranks of a host share; offsets in bytes.</summary>
/// <remarks>
///   page 0            magic, world size, nonce, the loss if there is one
///   a page a rank     who it is, its counters (each on cache lines of its own), its newest two calls, the words of a loss it tells
///   per rank          2 x payload: what it brings to a small collective, the newest two
///   per rank          Depth x WorldSize chunks on their way to each owner, Depth chunks on their way back from it
/// </remarks>
internal readonly record struct SharedMemoryLayout(int WorldSize)
{
    public const int MostRanks = 128;
    public const int PageBytes = 4096;

    /// <summary>What a rank can bring to a collective that is done in one exchange.</summary>
    public const int PayloadBytes = 32 << 10;

    /// <summary>Chunks that a rank may be ahead of the slowest.</summary>
    public const int Depth = 2;

    public const int MagicAt = 0;
    public const int WorldSizeAt = 8;
    public const int NonceAt = 64;
    public const int LossAt = 256;

    public const int JoinedAt = 0;
    public const int ProcessAt = 8;
    public const int StartTimeAt = 16;
    public const int ProofAt = 32;
    public const int CallsAt = 768;
    public const int WordsAt = 1024;
    public const int MostWordsBytes = 1024;

    /// <summary>What all ranks together move in one round: with a quarter of it two ranks took up to twice as long, for they wait for each other in every round; with twice as much they gained nothing.</summary>
    private const int RoundBytes = 512 << 10;

    private const int Alignment = 64;

    /// <summary>Of each rank's segment in one round; a whole number of any element.</summary>
    public int ChunkBytes => Math.Max(RoundBytes / WorldSize / Alignment, 1) * Alignment;

    public long Bytes => SlotsAt(WorldSize);

    public long RankAt(int rank) => (long)PageBytes * (1 + rank);

    /// <param name="sequence">Of the collective; the newest two are kept.</param>
    public long CallAt(int rank, long sequence) => RankAt(rank) + CallsAt + (sequence & 1) * CollectiveCall.HeaderBytes;

    public long PayloadAt(int rank, long sequence) => RankAt(WorldSize) + (2L * rank + (sequence & 1)) * PayloadBytes;

    /// <summary>Rank <paramref name="from"/>'s addend for a chunk of the segment that <paramref name="owner"/> sums.</summary>
    public long AddendAt(int from, int owner, long round) => SlotsAt(from) + (round % Depth * WorldSize + owner) * ChunkBytes;

    /// <summary>A chunk of the segment of <paramref name="owner"/>, for all to copy.</summary>
    public long ResultAt(int owner, long round) => SlotsAt(owner) + ((long)Depth * WorldSize + round % Depth) * ChunkBytes;

    private long SlotsAt(int rank) => PayloadAt(WorldSize, 0) + (long)rank * Depth * (WorldSize + 1) * ChunkBytes;
}

/// <summary>Counters that a rank alone advances and all read; the value is the offset in the rank's page, on cache lines of its own.</summary>
internal enum SharedCounter
{
    /// <summary>The sequence number of its newest collective.</summary>
    Entered = 128,

    /// <summary>Rounds whose addends it has laid out.</summary>
    Posted = 256,

    /// <summary>Rounds whose chunk of its own segment it has laid out for all.</summary>
    Shown = 384,

    /// <summary>Rounds whose chunks it has taken from all others.</summary>
    Taken = 512,
}
