using System.Diagnostics;

namespace JointFusion.Training;

/// <summary>How a rank waits for its peers: hotly at first, then lending its core, then asleep; never for a dead or silent one.</summary>
internal sealed class SharedMemoryWait(SharedMemoryRegion region, int rank)
{
    private const int SpinsAPause = 10;
    private const int PausesALook = 32;

    /// <summary>Peers of a balanced step come within this; a sleep's wake-up costs more than they are late.</summary>
    private static readonly TimeSpan Awake = TimeSpan.FromMilliseconds(2);

    /// <summary>Between looks whether a late peer's process still is; they allocate.</summary>
    public static readonly TimeSpan Checkup = TimeSpan.FromMilliseconds(100);

    /// <summary>Spinning on a core that a peer needs would make it later still.</summary>
    private readonly int pausesToSpin = region.Layout.WorldSize <= Environment.ProcessorCount ? 3 * PausesALook : 0;

    private readonly PeerProcess[] peers = new PeerProcess[region.Layout.WorldSize];
    private CollectiveCall current;
    private int pauses;
    private long since;
    private long checkedAt;
    private int told;

    /// <summary>Longest time without any progress inside a collective.</summary>
    public TimeSpan Timeout { get; set; }

    public void Know(int peer, PeerProcess process) => peers[peer] = process;

    /// <exception cref="PeerLostException">The group has ended.</exception>
    public void Begin(in CollectiveCall call)
    {
        current = call;
        Progressed();
        ThrowIfLost();
    }

    /// <summary>Something was done since the last pause.</summary>
    public void Progressed() => pauses = 0;

    /// <summary>There is nothing to do until a peer comes.</summary>
    /// <exception cref="PeerLostException">A peer is gone, or silent for too long, or the group was aborted.</exception>
    public void Pause()
    {
        if (pauses++ == 0) since = checkedAt = Stopwatch.GetTimestamp();
        ThrowIfLost();
        if (pauses <= pausesToSpin)
        {
            Thread.SpinWait(SpinsAPause);
            return;
        }
        Thread.Yield();
        if (pauses % PausesALook == 0) Look();
    }

    /// <summary>Ends the group for all. The first loss of a rank's telling stands.</summary>
    /// <param name="from">The first collective that cannot be completed.</param>
    /// <param name="words">Follow "Rank N ".</param>
    public void Lose(int lost, string words, long from = 0)
    {
        if (Interlocked.Exchange(ref told, 1) == 0) region.Tell(new SharedLoss(from, rank, lost), words);
    }

    private void Look()
    {
        var waited = Stopwatch.GetElapsedTime(since);
        if (waited < Awake) return;
        pauses = pausesToSpin + PausesALook - 1; // from here on, look after every sleep
        Thread.Sleep(1);
        if (Stopwatch.GetElapsedTime(checkedAt) < Checkup && waited < Timeout) return;
        checkedAt = Stopwatch.GetTimestamp();
        for (var peer = 0; peer < peers.Length; peer++)
            if (peer != rank && !peers[peer].IsAlive) Lose(peer, $"(process {peers[peer].Id}) died");
        if (waited >= Timeout) Lose(Laggard(), $"gave nothing for {Timeout.TotalSeconds:0.###} s during {current}");
        ThrowIfLost();
    }

    /// <summary>The peer that is furthest behind.</summary>
    private int Laggard()
    {
        var laggard = rank == 0 ? 1 : 0;
        for (var peer = 0; peer < peers.Length; peer++)
            if (peer != rank && Progress(peer).CompareTo(Progress(laggard)) < 0) laggard = peer;
        return laggard;
    }

    private (long, long) Progress(int peer) => (
        region.Read(peer, SharedCounter.Entered),
        region.Read(peer, SharedCounter.Posted) + region.Read(peer, SharedCounter.Shown) + region.Read(peer, SharedCounter.Taken));

    private void ThrowIfLost()
    {
        if (region.Loss is { } loss && loss.From <= current.Sequence)
            throw new PeerLostException(loss.Lost, $"Rank {loss.Lost} {region.WordsOf(loss)}; rank {rank} was in {current}.");
    }
}
