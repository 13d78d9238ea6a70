using System.Diagnostics;
using System.Net.Sockets;

namespace JointFusion.Training;

/// <summary>The two sockets of one rank in the ring: data leaves to the next rank and arrives from the previous one.</summary>
/// <remarks>
/// The first failure on either closes both at once, without lingering: that wakes this rank's other thread and both neighbours,
/// who do the same, so a ring unwinds in a chain. Only <see cref="Part"/> lets what was sent arrive first. Safe for one sender, one
/// receiver and any number of aborters.
/// </remarks>
internal sealed class RingLink(Socket toNext, Neighbour next, Socket fromPrevious, Neighbour previous) : IDisposable
{
    /// <summary>How long a rank that hangs up with a reason listens on, so that no reset overtakes its last words.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private PeerLostException? failure;
    private CollectiveCall current;
    private TimeSpan timeout;

    public Neighbour Previous => previous;

    /// <summary>How long a peer may go without taking or giving a byte inside a collective.</summary>
    public void SetTimeout(TimeSpan longestSilence)
    {
        timeout = longestSilence;
        var milliseconds = (int)Math.Clamp(longestSilence.TotalMilliseconds, 1, int.MaxValue);
        toNext.SendTimeout = milliseconds;
        fromPrevious.ReceiveTimeout = milliseconds;
    }

    /// <summary>Names what the messages of later failures speak of.</summary>
    public void Begin(in CollectiveCall call)
    {
        current = call;
        ThrowIfFailed();
    }

    /// <exception cref="PeerLostException">The next rank is gone, or the group was aborted.</exception>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        var since = Stopwatch.GetTimestamp();
        try
        {
            for (; !bytes.IsEmpty; since = Stopwatch.GetTimestamp()) bytes = bytes[toNext.Send(bytes)..];
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Broken(next, e, since, "took");
        }
    }

    /// <summary>Fills <paramref name="bytes"/>.</summary>
    /// <exception cref="PeerLostException">The previous rank is gone, or the group was aborted.</exception>
    public void Receive(Span<byte> bytes)
    {
        var since = Stopwatch.GetTimestamp();
        try
        {
            for (; !bytes.IsEmpty; since = Stopwatch.GetTimestamp())
            {
                var count = fromPrevious.Receive(bytes);
                if (count == 0) throw Fail(new PeerLostException(previous.Rank, $"{previous} hung up during {current}."));
                bytes = bytes[count..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Broken(previous, e, since, "gave");
        }
    }

    /// <summary>Looks, without waiting, whether a neighbour has hung up while nothing is asked of it.</summary>
    /// <returns>The one that did so in order: it has left, or its process ended with nothing unread. Null: both are there.</returns>
    /// <exception cref="PeerLostException">A connection was reset, or the group was aborted.</exception>
    public Neighbour? FindDeparted()
    {
        ThrowIfFailed();
        return HasHungUp(toNext, next) ? next : HasHungUp(fromPrevious, previous) ? previous : null;
    }

    /// <summary>Ends the ring for the first reason given; returns an exception with that reason to throw.</summary>
    public PeerLostException Fail(PeerLostException reason)
    {
        if (Interlocked.CompareExchange(ref failure, reason, null) is { } first) return new PeerLostException(first.PeerRank, first.Message, first);
        toNext.Close(0);
        fromPrevious.Close(0);
        return reason;
    }

    /// <summary>Ends the ring as <see cref="Fail"/> does, but after what this rank has sent, so that its neighbours learn the reason too.</summary>
    /// <remarks>
    /// Closing a socket with unread bytes resets it, and a reset discards what the peer has not read, or fails its next send before it
    /// reads. So this side says that it is done, then reads to the peer's own end, for at most <see cref="Farewell"/>.
    /// </remarks>
    public void Part(PeerLostException reason)
    {
        if (Interlocked.CompareExchange(ref failure, reason, null) is not null) return;
        try
        {
            toNext.Shutdown(SocketShutdown.Send);
            Drain(new Deadline(Farewell));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was faster, or is not there to be told.
        }
        Dispose();
    }

    public void ThrowIfFailed()
    {
        if (failure is { } first) throw new PeerLostException(first.PeerRank, first.Message, first);
    }

    /// <summary>Hangs up after what was sent has been delivered.</summary>
    public void Dispose()
    {
        toNext.Dispose();
        fromPrevious.Dispose();
    }

    private bool HasHungUp(Socket socket, Neighbour peer)
    {
        try
        {
            Span<byte> ahead = stackalloc byte[1]; // Of its next call, which stays for Receive.
            return socket.Poll(0, SelectMode.SelectRead) && socket.Receive(ahead, SocketFlags.Peek) == 0;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Broken(peer, e, Stopwatch.GetTimestamp(), "gave");
        }
    }

    private void Drain(Deadline deadline)
    {
        Span<byte> ignored = new byte[64 << 10];
        do fromPrevious.ReceiveTimeout = deadline.RemainingMilliseconds;
        while (fromPrevious.Receive(ignored) > 0 && !deadline.Passed);
    }

    /// <param name="since">Start of the call that broke. A reset socket can answer TimedOut too: only the clock tells silence.</param>
    private PeerLostException Broken(Neighbour peer, Exception cause, long since, string verb)
    {
        var message = cause is SocketException { SocketErrorCode: SocketError.TimedOut } && Stopwatch.GetElapsedTime(since) >= timeout / 2
            ? $"{peer} {verb} nothing for {timeout.TotalSeconds:0.###} s during {current}."
            : $"The link to {peer} broke during {current}: {cause.Message}";
        return Fail(new PeerLostException(peer.Rank, message, cause));
    }
}
