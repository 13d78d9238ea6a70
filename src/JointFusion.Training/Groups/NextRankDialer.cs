using System.Net.Sockets;

namespace JointFusion.Training;

/// <summary>Connects to the next rank on a thread of its own, as every rank must accept and connect at the same time.</summary>
internal sealed class NextRankDialer : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(50);
    private readonly Handshake handshake;
    private readonly Neighbour next;
    private readonly Deadline deadline;
    private readonly ManualResetEventSlim cancelled = new();
    private readonly Thread thread;
    private volatile Socket? dialing;
    private volatile Socket? proven;
    private volatile PeerLostException? failure;

    public NextRankDialer(Handshake handshake, Neighbour next, Deadline deadline)
    {
        this.handshake = handshake;
        this.next = next;
        this.deadline = deadline;
        thread = new Thread(Run) { IsBackground = true, Name = "ring-dial" };
        thread.Start();
    }

    public bool Succeeded => proven is not null;

    /// <summary>Set once there can be none.</summary>
    public PeerLostException? Failure => failure;

    /// <summary>Waits for at most <paramref name="wait"/> for the thread to be done.</summary>
    public void Wait(TimeSpan wait) => thread.Join(wait);

    /// <summary>Hands over the proven connection; from then on it is the caller's to close.</summary>
    public Socket Take()
    {
        thread.Join();
        var socket = proven ?? throw new InvalidOperationException("There is no proven connection to take.");
        dialing = proven = null;
        return socket;
    }

    /// <summary>Stops dialing, and hangs up unless the connection was taken.</summary>
    public void Dispose()
    {
        cancelled.Set();
        dialing?.Close(0);
        thread.Join();
        dialing?.Dispose();
        cancelled.Dispose();
    }

    private void Run()
    {
        while (!cancelled.IsSet && !deadline.Passed)
        {
            try
            {
                Dial();
                return;
            }
            catch (PeerLostException e)
            {
                failure = e;
                return;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Not there yet, or this dialer was disposed: the loop's condition tells.
                dialing?.Dispose();
                cancelled.Wait(RetryAfter);
            }
        }
    }

    private void Dial()
    {
        var endpoint = Endpoints.Parse(next.Endpoint);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        dialing = socket;
        if (cancelled.IsSet) return;
        socket.Connect(endpoint);
        socket.ReceiveTimeout = socket.SendTimeout = deadline.RemainingMilliseconds;
        var challenge = new byte[Handshake.ChallengeBytes];
        Receive(socket, challenge);
        if (!Handshake.IsChallenge(challenge)) throw Refused("is not a rank of any run");
        var proof = handshake.Prove(challenge, next.Rank);
        socket.Send(proof);
        var answer = new byte[Handshake.AnswerBytes];
        ReceiveAnswer(socket, answer);
        if (!handshake.Trusts(answer, challenge, proof, next.Rank)) throw Refused("does not know the run's secret");
        proven = socket;
    }

    /// <summary>After a proof, a closed connection is a verdict and not bad luck.</summary>
    private void ReceiveAnswer(Socket socket, byte[] answer)
    {
        try
        {
            Receive(socket, answer);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            throw Refused("refused this rank: it serves another run, generation, world size or secret, or has died");
        }
    }

    private static void Receive(Socket socket, Span<byte> message)
    {
        while (!message.IsEmpty)
        {
            var count = socket.Receive(message);
            if (count == 0) throw new SocketException((int)SocketError.ConnectionReset);
            message = message[count..];
        }
    }

    private PeerLostException Refused(string why) => new(next.Rank, $"{next} {why}.");
}
