namespace JointFusion.Training;

/// <summary>The sending half of a full-duplex pass: one thread that sends a buffer's segments as fast as their bytes become ready.</summary>
/// <remarks>
///   caller:  Begin(ready = first segment) -> receive a chunk -> Advance(chunk) -> ... -> End
///   thread:  waits for ready > sent, sends, and so on; asleep between passes
/// The segments are one stream of bytes; <c>ready</c> is a watermark in it. Nothing is allocated after construction.
/// </remarks>
internal sealed unsafe class SendPump : IDisposable
{
    /// <summary>Large calls cost fewer crossings into the kernel, but keep the core from who receives: of 1 MiB, a sum of 100 MiB over 2 ranks on 2 cores took 15% longer.</summary>
    private const long LargestSend = 256 << 10;

    private readonly object gate = new();
    private readonly RingLink link;
    private readonly Segment[] segments;
    private readonly Thread thread;
    private byte* buffer;
    private int segment;
    private long sentOfSegment;
    private long sent;
    private long ready;
    private long total;
    private bool sending;
    private bool stopping;

    public SendPump(RingLink link, int mostSegments, string name)
    {
        this.link = link;
        segments = new Segment[mostSegments];
        thread = new Thread(Run) { IsBackground = true, Name = name };
        thread.Start();
    }

    /// <summary>Starts a pass; <paramref name="data"/> must stay in place until <see cref="End"/>.</summary>
    public void Begin(byte* data, ReadOnlySpan<Segment> stream, long readyBytes)
    {
        lock (gate)
        {
            stream.CopyTo(segments);
            buffer = data;
            (segment, sentOfSegment, sent, ready, total) = (0, 0, 0, readyBytes, 0);
            foreach (var part in stream) total += part.Bytes;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>So many more bytes of the stream may go.</summary>
    public void Advance(long bytes)
    {
        lock (gate)
        {
            ready += bytes;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits until all is sent, or, if the ring has failed, until the thread has let go of the buffer.</summary>
    public void End(bool completed)
    {
        lock (gate)
        {
            if (!completed) total = ready = sent;
            while (sending || sent < total) Monitor.Wait(gate);
        }
        if (completed) link.ThrowIfFailed();
    }

    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.PulseAll(gate);
        }
        thread.Join();
    }

    private void Run()
    {
        while (NextPart() is { Length: > 0 } part)
        {
            var count = part.Length;
            var failed = !TrySend(part);
            lock (gate)
            {
                sending = false;
                sent += count;
                sentOfSegment += count;
                if (failed) total = ready = sent;
                if (sent >= total) Monitor.PulseAll(gate);
            }
        }
    }

    private ReadOnlySpan<byte> NextPart()
    {
        lock (gate)
        {
            while (!stopping && sent >= ready) Monitor.Wait(gate);
            if (stopping) return default;
            while (sentOfSegment == segments[segment].Bytes) (segment, sentOfSegment) = (segment + 1, 0);
            var count = Math.Min(Math.Min(segments[segment].Bytes - sentOfSegment, ready - sent), LargestSend);
            sending = true;
            return new ReadOnlySpan<byte>(buffer + segments[segment].Offset + sentOfSegment, (int)count);
        }
    }

    /// <summary>The failure itself is kept by the link, where the caller meets it.</summary>
    private bool TrySend(ReadOnlySpan<byte> part)
    {
        try
        {
            link.Send(part);
            return true;
        }
        catch (PeerLostException)
        {
            return false;
        }
    }
}
