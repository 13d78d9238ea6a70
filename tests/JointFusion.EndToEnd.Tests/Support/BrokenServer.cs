using System.Net;
using System.Net.Sockets;
using System.Text;

namespace JointFusion.EndToEnd.Tests;

/// <summary>A server on this machine that answers each connection with the same bytes, whatever it is asked, and resets it.</summary>
internal sealed class BrokenServer : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, port: 0);
    private readonly byte[] reply;

    public BrokenServer(string reply)
    {
        this.reply = Encoding.ASCII.GetBytes(reply);
        listener.Start();
        new Thread(Serve) { IsBackground = true }.Start();
    }

    public string Url => $"http://{listener.LocalEndpoint}";

    public void Dispose() => listener.Stop();

    private void Serve()
    {
        var request = new byte[1 << 10];
        try
        {
            while (true)
            {
                using var client = listener.AcceptTcpClient();
                client.LingerState = new LingerOption(enable: true, seconds: 0);
                _ = client.GetStream().Read(request); // the rest of a longer one is thrown away with the connection
                client.GetStream().Write(reply);
            }
        }
        catch (SocketException)
        {
            // disposed
        }
    }
}
