using System.Diagnostics;

namespace JointFusion.Training;

/// <summary>How a rank waits for NCCL: awake at first, then asleep, with an eye on the ring and the clock.</summary>
/// <remarks>
/// NCCL alone does not end a collective whose peer has died. The ring does: its neighbours see the dead one's connections end, and their
/// own, reset in turn, tell the others. A peer that has done its part of the last collective and leaves looks the same at first, so that
/// an orderly end of a connection counts only if the collective is not done a moment later.
/// </remarks>
internal sealed class NcclWatch(TcpProcessGroup ring)
{
    private const string Forming = "the forming of NCCL's communicator";
    private const int UnknownRank = -1;
    private static readonly TimeSpan Awake = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    private CollectiveCall? call;
    private Deadline deadline;
    private Neighbour departed;
    private long began;
    private long looked;
    private long departedSince;

    private string Subject => call?.ToString() ?? Forming;

    /// <param name="collective">Null: the communicator is formed.</param>
    /// <param name="timeout">For all of it: NCCL does not show how far it is.</param>
    public void Begin(CollectiveCall? collective, TimeSpan timeout)
    {
        call = collective;
        deadline = new Deadline(timeout);
        began = looked = Stopwatch.GetTimestamp();
        departedSince = 0;
    }

    /// <summary>There is nothing to do until NCCL gets on.</summary>
    /// <exception cref="PeerLostException">A peer is gone, the time is up, or the group was aborted.</exception>
    public void Pause()
    {
        if (Stopwatch.GetElapsedTime(began) < Awake)
        {
            Thread.Yield();
            return;
        }
        Thread.Sleep(1);
        if (Stopwatch.GetElapsedTime(looked) < BetweenLooks) return;
        looked = Stopwatch.GetTimestamp();
        Look();
        if (deadline.Passed)
            throw Lost($"Rank {ring.Rank} waited {deadline.Timeout.TotalSeconds:0.###} s for {Subject}, to which all ranks had come; NCCL does not tell which one is late.");
    }

    /// <summary>After a failure that may be a peer's end seen by NCCL first: gives the ring the time to name the peer.</summary>
    /// <exception cref="PeerLostException">It did, or NCCL says that it was another rank.</exception>
    public void NamePeerBehind(NcclException failure)
    {
        for (var patience = new Deadline(2 * Grace); !patience.Passed; Thread.Sleep(BetweenLooks)) Look();
        if (failure.Result is NcclResult.RemoteError or NcclResult.Timeout)
            throw Lost($"Rank {ring.Rank} lost a peer in {Subject}; NCCL does not tell which one: {failure.Message}", failure);
    }

    private void Look()
    {
        if (ring.FindDeparted() is not { } peer) return;
        if (departedSince == 0) (departed, departedSince) = (peer, Stopwatch.GetTimestamp());
        else if (Stopwatch.GetElapsedTime(departedSince) >= Grace) throw Lost(departed.Rank, $"{departed} hung up during {Subject}.");
    }

    private PeerLostException Lost(string message, Exception? cause = null) => Lost(UnknownRank, message, cause);

    private PeerLostException Lost(int rank, string message, Exception? cause = null) => ring.Lose(new PeerLostException(rank, message, cause));
}
