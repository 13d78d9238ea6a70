using System.Net;
using System.Net.Sockets;

namespace JointFusion.Training;

/// <summary>A rank's open door, before anyone knows which ranks the group will have. Closed by <see cref="TcpProcessGroup.Connect"/>.</summary>
public sealed class TcpListenerSocket : IDisposable
{
    private const int Backlog = 128;

    private TcpListenerSocket(Socket socket, string endpoint)
    {
        Socket = socket;
        Endpoint = endpoint;
    }

    /// <summary>host:port as peers are to reach it; the host is as given to <see cref="Open"/>, an IPv6 address in brackets.</summary>
    public string Endpoint { get; }

    internal Socket Socket { get; }

    /// <param name="host">Address or name of this machine's interface to listen on; peers connect to the same.</param>
    /// <exception cref="IOException">The host has no address here that can be listened on.</exception>
    public static TcpListenerSocket Open(string host)
    {
        Socket? socket = null;
        try
        {
            var address = Endpoints.Resolve(host);
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, 0));
            socket.Listen(Backlog);
            return new TcpListenerSocket(socket, Endpoints.Format(host, ((IPEndPoint)socket.LocalEndPoint!).Port));
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw new IOException($"Cannot listen on {host} for the other ranks: {e.Message}. Give an address of this machine.", e);
        }
    }

    public void Dispose() => Socket.Dispose();
}
