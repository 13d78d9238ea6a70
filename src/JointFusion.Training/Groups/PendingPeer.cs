using System.Net.Sockets;

namespace JointFusion.Training;

/// <summary>A connection that has been accepted and challenged, and has not proven anything yet.</summary>
internal sealed class PendingPeer : IDisposable
{
    private readonly byte[] challenge = Handshake.Challenge();
    private readonly byte[] proof = new byte[Handshake.ProofBytes];
    private int received;

    public PendingPeer(Socket socket, TimeSpan patience)
    {
        Socket = socket;
        Deadline = new Deadline(patience);
        socket.NoDelay = true;
        socket.Send(challenge);
    }

    public Socket Socket { get; }

    /// <summary>By when it must have proven itself.</summary>
    public Deadline Deadline { get; }

    /// <summary>Takes what has arrived (call when readable): null while the proof is incomplete, then whether it holds.</summary>
    /// <exception cref="SocketException">The connection broke.</exception>
    public bool? Take(Handshake handshake, int connector)
    {
        var count = Socket.Receive(proof.AsSpan(received));
        if (count == 0) return false;
        received += count;
        if (received < proof.Length) return null;
        if (handshake.Answer(challenge, proof, connector) is not { } answer) return false;
        Socket.Send(answer);
        return true;
    }

    public void Dispose() => Socket.Dispose();
}
