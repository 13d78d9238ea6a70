using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace JointFusion.Orchestration;

/// <summary>The main of a query worker: one link to its server, one question after the other.</summary>
public static class QueryProcess
{
    private const int ProgressKept = 16;

    /// <summary>Answers until the server says so, hangs up, or standard input closes.</summary>
    /// <param name="socketPath">As given to the process by <c>--socket</c>.</param>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static void Run(string socketPath, IQueryEngine engine)
    {
        // Ctrl-C reaches the whole process group; when to end is the server's to say.
        using var interrupts = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(socketPath));
        DieWithParent();
        Serve(new NetworkStream(socket, ownsSocket: true), engine);
    }

    /// <param name="stream">Connected to the server; owned.</param>
    internal static void Serve(Stream stream, IQueryEngine engine)
    {
        var outgoing = new DropOldestQueue<QueryReply>(ProgressKept, reply => reply is QueryReply.Doing);
        using var link = new MessageLink<QueryReply, QueryMessage>(stream, LinkJson.Default.QueryReply, LinkJson.Default.QueryMessage, outgoing);
        link.Start("query link");
        link.ReadToEnd(message =>
        {
            if (message is not QueryMessage.Ask ask)
                return false;
            link.Send(Reply(ask, engine, link.Send));
            return true;
        });
    }

    private static QueryReply Reply(QueryMessage.Ask ask, IQueryEngine engine, Action<QueryReply> send)
    {
        try
        {
            return new QueryReply.Found(ask.Id, engine.Answer(ask.Query, progress => send(new QueryReply.Doing(ask.Id, progress))));
        }
        catch (QueryRefusedException refused)
        {
            return new QueryReply.Refused(ask.Id, refused.Message);
        }
    }

    /// <summary>The server holds the other end. A question under way takes minutes, and nothing of it is lost that is not made anew: nobody waits for it.</summary>
    private static void DieWithParent()
    {
        var input = Console.OpenStandardInput();
        var watcher = new Thread(() =>
        {
            Span<byte> ignored = stackalloc byte[64];
            while (input.Read(ignored) > 0)
            {
            }
            using var self = Process.GetCurrentProcess();
            self.Kill();
        })
        { IsBackground = true, Name = "parent watch" };
        watcher.Start();
    }
}
