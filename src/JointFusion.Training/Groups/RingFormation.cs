using System.Net.Sockets;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Joins one rank to its two neighbours, at most once.</summary>
internal sealed class RingFormation(TcpListenerSocket listener, RankAssignment assignment, Deadline deadline)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(20);
    private readonly Neighbour next = NeighbourOf(assignment, assignment.Rank + 1);
    private readonly Neighbour previous = NeighbourOf(assignment, assignment.Rank - 1);

    /// <exception cref="PeerLostException">A neighbour did not come before the deadline, or refused this rank.</exception>
    /// <exception cref="OperationCanceledException">It was asked to give up.</exception>
    public RingLink Join(CancellationToken abort)
    {
        if (assignment.Secret.Length == 0) throw new ArgumentException("The assignment holds no secret.", nameof(assignment));
        var handshake = new Handshake(assignment);
        Socket? fromPrevious = null;
        using var door = new PreviousRankDoor(listener.Socket, handshake, previous.Rank);
        using var dialer = new NextRankDialer(handshake, next, deadline);
        try
        {
            while (fromPrevious is null || !dialer.Succeeded)
            {
                abort.ThrowIfCancellationRequested();
                if (dialer.Failure is { } refused) throw new PeerLostException(refused.PeerRank, refused.Message, refused);
                if (deadline.Passed) throw Missing(fromPrevious is null, !dialer.Succeeded);
                if (fromPrevious is null) fromPrevious = door.Poll(Tick);
                else dialer.Wait(Tick);
            }
            var toNext = dialer.Take();
            Prepare(toNext);
            Prepare(fromPrevious);
            return new RingLink(toNext, next, fromPrevious, previous);
        }
        catch
        {
            fromPrevious?.Dispose();
            throw;
        }
    }

    /// <summary>A peer whose machine vanished sends no farewell: probes find out within half a minute.</summary>
    private static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    private PeerLostException Missing(bool previousMissing, bool nextMissing)
    {
        var within = $"within {deadline.Timeout.TotalSeconds:0.###} s";
        var message = (previousMissing, nextMissing) switch
        {
            (true, true) when previous != next => $"{previous} did not connect and {next} did not answer {within}.",
            (true, _) => $"{previous} did not connect {within}.",
            _ => $"{next} did not answer {within}.",
        };
        return new PeerLostException(previousMissing ? previous.Rank : next.Rank, message);
    }

    private static Neighbour NeighbourOf(RankAssignment assignment, int rank)
    {
        var wrapped = (rank + assignment.WorldSize) % assignment.WorldSize;
        return new Neighbour(wrapped, assignment.Endpoints[wrapped]);
    }
}
