using System.Net.Sockets;

namespace JointFusion.Training;

/// <summary>Accepts connections until one proves to be the previous rank. Strangers and old generations are hung up on, silent ones soon.</summary>
internal sealed class PreviousRankDoor(Socket listener, Handshake handshake, int previous) : IDisposable
{
    /// <summary>Strangers that say nothing must not fill the machine; the oldest goes first.</summary>
    private const int MostPending = 64;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly List<PendingPeer> pending = [];

    /// <summary>Waits for at most <paramref name="wait"/>; the proven connection, or null as long as there is none.</summary>
    public Socket? Poll(TimeSpan wait)
    {
        DropWhere(peer => peer.Deadline.Passed);
        List<Socket> readable = [listener, .. pending.Select(peer => peer.Socket)];
        Socket.Select(readable, null, null, wait);
        foreach (var peer in pending.Where(peer => readable.Contains(peer.Socket)).ToArray())
        {
            if (Progress(peer)) return peer.Socket;
        }
        if (readable.Contains(listener)) Admit();
        return null;
    }

    public void Dispose() => DropWhere(_ => true);

    private bool Progress(PendingPeer peer)
    {
        bool? proven;
        try
        {
            proven = peer.Take(handshake, previous);
        }
        catch (SocketException)
        {
            proven = false; // a stranger that went away is no fault of the group
        }
        if (proven == true) pending.Remove(peer);
        else if (proven == false) DropWhere(other => other == peer);
        return proven == true;
    }

    private void Admit()
    {
        if (pending.Count == MostPending) DropWhere(peer => peer == pending[0]);
        Socket? socket = null;
        try
        {
            socket = listener.Accept();
            pending.Add(new PendingPeer(socket, Patience));
        }
        catch (SocketException)
        {
            socket?.Dispose(); // gone between connecting and being accepted
        }
    }

    private void DropWhere(Predicate<PendingPeer> drops)
    {
        foreach (var peer in pending.FindAll(drops)) peer.Dispose();
        pending.RemoveAll(drops);
    }
}
