namespace JointFusion.Training;

/// <summary>Where the threads of a <see cref="LocalProcessGroup"/> meet: each shows its call and its buffer, all work, all part.</summary>
/// <remarks>
///   Enter ----- all have arrived, calls compared -----> read and write each other's buffers ----- Leave (all are done)
/// A loss can stop ranks in Enter, never between Enter and Leave: there nobody blocks, and nobody's buffer may go away while
/// another rank still reads it.
/// </remarks>
internal sealed class LocalExchange(int worldSize)
{
    private readonly object gate = new();
    private readonly CollectiveCall[] calls = new CollectiveCall[worldSize];
    private readonly nint[] buffers = new nint[worldSize];
    private int entered;
    private int leaving;
    private long entries;
    private long exits;
    private (int Rank, string Reason)? lost;
    private string? mismatch;

    /// <summary>The buffers shown by <see cref="Enter"/>; valid until <see cref="Leave"/>.</summary>
    public ReadOnlySpan<nint> Buffers => buffers;

    /// <exception cref="PeerLostException">A rank has left the group.</exception>
    /// <exception cref="CollectiveMismatchException">The ranks called different collectives.</exception>
    public void Enter(int rank, CollectiveCall call, nint buffer)
    {
        lock (gate)
        {
            ThrowIfLost(call);
            calls[rank] = call;
            buffers[rank] = buffer;
            var entry = entries;
            if (++entered == worldSize)
            {
                entered = 0;
                entries++;
                mismatch = FindMismatch();
                Monitor.PulseAll(gate);
            }
            while (entries == entry)
            {
                Monitor.Wait(gate);
                if (entries == entry) ThrowIfLost(call);
            }
            if (mismatch is not null) throw new CollectiveMismatchException(mismatch);
        }
    }

    public void Leave()
    {
        lock (gate)
        {
            var exit = exits;
            if (++leaving == worldSize)
            {
                leaving = 0;
                exits++;
                Monitor.PulseAll(gate);
            }
            while (exits == exit) Monitor.Wait(gate);
        }
    }

    /// <summary>Ends the group for all; the first loss is the one reported.</summary>
    public void Lose(int rank, string reason)
    {
        lock (gate)
        {
            lost ??= (rank, reason);
            Monitor.PulseAll(gate);
        }
    }

    private void ThrowIfLost(CollectiveCall call)
    {
        if (mismatch is not null) throw new CollectiveMismatchException(mismatch);
        if (lost is { } peer) throw new PeerLostException(peer.Rank, $"Rank {peer.Rank} {peer.Reason}; this rank was in {call}.");
    }

    private string? FindMismatch()
    {
        for (var rank = 1; rank < worldSize; rank++)
        {
            if (calls[rank] != calls[0])
                return $"The ranks called different collectives: rank 0 {calls[0]}, rank {rank} {calls[rank]}.";
        }
        return null;
    }
}
