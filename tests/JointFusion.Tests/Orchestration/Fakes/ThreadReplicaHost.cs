using System.Collections.Concurrent;
using System.Net.Sockets;
using JointFusion.Orchestration;

namespace JointFusion.Tests;

/// <summary>Workers as threads behind real sockets: everything but the process is the real thing.</summary>
internal sealed class ThreadReplicaHost(Func<FakeAttempt, ReplicaOutcome> run, Func<ReplicaOrder, string?>? refusal = null) : IReplicaHost
{
    private readonly SocketFolder folder = new();
    private readonly ConcurrentDictionary<int, ThreadWorker> workers = new();
    private int started;

    /// <summary>Workers started so far; their pids are 1, 2, 3 and so on.</summary>
    public int Started => started;

    public IReplicaWorker Start(int slot, IReplicaWorkerEvents events)
    {
        var pid = Interlocked.Increment(ref started);
        var worker = new ThreadWorker(folder.Socket($"w{pid}"), pid, new FakeReplica(run, refusal), events);
        workers[slot] = worker;
        return worker;
    }

    /// <summary>As kill -9 would: no farewell.</summary>
    public void Kill(int slot) => workers[slot].Kill("killed by the test");

    public ValueTask DisposeAsync()
    {
        foreach (var worker in workers.Values)
            worker.Kill("host disposed");
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private sealed class ThreadWorker : IReplicaWorker
    {
        private readonly DropOldestQueue<AgentMessage> outgoing = new(0, _ => false);
        private readonly Socket agentSide;
        private volatile string reason = "it exited";

        public ThreadWorker(string path, int pid, IReplica replica, IReplicaWorkerEvents events)
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            var workerSide = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            workerSide.Connect(new UnixDomainSocketEndPoint(path));
            agentSide = listener.Accept();
            new Thread(() => Work(workerSide, replica)) { IsBackground = true }.Start();
            new Thread(() => Listen(pid, events)) { IsBackground = true }.Start();
        }

        public void Send(AgentMessage message) => outgoing.Add(message);

        public void Kill(string why)
        {
            reason = why;
            try
            {
                agentSide.Shutdown(SocketShutdown.Both);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It had exited already: nothing to kill.
            }
        }

        private static void Work(Socket socket, IReplica replica)
        {
            using var session = new WorkerSession(new NetworkStream(socket, ownsSocket: true), replica);
            session.Run();
        }

        private void Listen(int pid, IReplicaWorkerEvents events)
        {
            events.Started(pid);
            using (var link = new MessageLink<AgentMessage, WorkerMessage>(
                new NetworkStream(agentSide, ownsSocket: true), LinkJson.Default.AgentMessage, LinkJson.Default.WorkerMessage, outgoing))
            {
                link.Start("test");
                link.ReadToEnd(message =>
                {
                    events.Received(message);
                    return true;
                });
            }
            events.Exited(new WorkerExit(pid, 137, reason));
        }
    }
}
