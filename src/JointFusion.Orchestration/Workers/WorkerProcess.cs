using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace JointFusion.Orchestration;

/// <summary>The main of a worker process: one link to its agent, one thread for its replicas.</summary>
public static class WorkerProcess
{
    /// <summary>Serves the agent behind the socket until it says so, hangs up, or standard input closes.</summary>
    /// <param name="socketPath">As given to the process by <c>--socket</c>.</param>
    /// <returns>The exit code: 0, or 1 if a replica would not end in time.</returns>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static int Run(string socketPath, IReplica replica)
    {
        // Ctrl-C reaches the whole process group; whether to stop, and how, is the parent's to say.
        using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        using var session = new WorkerSession(new NetworkStream(socket, ownsSocket: true), replica);
        WatchStandardInput(socket);
        return session.Run() ? 0 : 1;
    }

    /// <summary>The parent holds the other end: when it dies, however it dies, this worker sees the link's end.</summary>
    private static void WatchStandardInput(Socket socket)
    {
        var input = Console.OpenStandardInput();
        var watcher = new Thread(() =>
        {
            Span<byte> ignored = stackalloc byte[64];
            while (input.Read(ignored) > 0)
            {
            }
            HangUp(socket);
        })
        { IsBackground = true, Name = "parent watch" };
        watcher.Start();
    }

    private static void HangUp(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Console.Error.WriteLine($"The link had ended already: {e.Message}");
        }
    }
}
