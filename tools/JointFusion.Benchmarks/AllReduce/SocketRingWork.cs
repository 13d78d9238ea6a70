using System.Net;
using System.Net.Sockets;
using JointFusion.Experiments;

namespace JointFusion.Benchmarks;

/// <summary>
/// The limit of a ring all-reduce over TCP: each rank sends the 2 (W - 1) / W n bytes that such a sum takes to the next rank, and receives
/// as many from the previous one at the same time. With two ranks: a socket pair saturated in both directions.
/// </summary>
internal sealed class SocketRingWork(IRankWork beside) : IRankWork
{
    private const int BytesACall = 1 << 20;
    private readonly Socket listener = Listen();
    private readonly byte[] outgoing = new byte[BytesACall];
    private readonly byte[] incoming = new byte[BytesACall];
    private Socket? toNext;
    private Socket? fromPrevious;
    private int worldSize;

    /// <summary>Both endpoints: the barrier's, and this ring's.</summary>
    public string Endpoint => $"{beside.Endpoint} {listener.LocalEndPoint}";

    public void Join(RankAssignment assignment)
    {
        worldSize = assignment.WorldSize;
        var next = assignment.Endpoints[(assignment.Rank + 1) % worldSize].Split(' ')[1];
        toNext = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        toNext.Connect(IPEndPoint.Parse(next));
        fromPrevious = listener.Accept();
        beside.Join(assignment with { Endpoints = [.. assignment.Endpoints.Select(both => both.Split(' ')[0])] });
    }

    public void Barrier() => beside.Barrier();

    public void Call(Span<float> buffer)
    {
        var bytes = 2L * (worldSize - 1) * buffer.Length * sizeof(float) / worldSize;
        var sender = new Thread(() =>
        {
            for (var left = bytes; left > 0;) left -= toNext!.Send(outgoing, (int)Math.Min(left, BytesACall), SocketFlags.None);
        });
        sender.Start();
        for (var left = bytes; left > 0;)
        {
            var count = fromPrevious!.Receive(incoming, (int)Math.Min(left, BytesACall), SocketFlags.None);
            if (count == 0) throw new EndOfStreamException("The previous rank hung up.");
            left -= count;
        }
        sender.Join();
    }

    public void Check(Span<float> buffer)
    {
    }

    public void Dispose()
    {
        toNext?.Dispose();
        fromPrevious?.Dispose();
        listener.Dispose();
        beside.Dispose();
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }
}
