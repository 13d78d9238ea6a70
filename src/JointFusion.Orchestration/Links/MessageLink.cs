using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace JointFusion.Orchestration;

/// <summary>One end of the link between an agent and a worker: framed JSON both ways, written from a thread of its own.</summary>
/// <param name="stream">Owned.</param>
/// <param name="outgoing">Completing it lets the writer finish what is queued.</param>
internal sealed class MessageLink<TSend, TReceive>(
    Stream stream, JsonTypeInfo<TSend> sends, JsonTypeInfo<TReceive> receives, DropOldestQueue<TSend> outgoing) : IDisposable
    where TReceive : class
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(2);
    private Thread? writer;

    public void Start(string name)
    {
        writer = new Thread(WriteAll) { IsBackground = true, Name = $"{name} writer" };
        writer.Start();
    }

    /// <summary>Queues; what cannot be written any more is lost, and the reader sees the end of the link.</summary>
    public void Send(TSend message) => outgoing.Add(message);

    /// <summary>Hands over each message on the calling thread until the other side hangs up or the taker returns false.</summary>
    /// <exception cref="LinkProtocolException">A frame is too long, torn, or not one of the messages.</exception>
    public void ReadToEnd(Func<TReceive, bool> take)
    {
        while (Next() is { } payload && take(Parse(payload)))
        {
        }
    }

    /// <summary>Writes what is queued for a bounded time, then hangs up.</summary>
    public void Dispose()
    {
        outgoing.Complete();
        writer?.Join(DrainTime);
        stream.Dispose();
        writer?.Join();
    }

    private byte[]? Next()
    {
        try
        {
            return Frames.Read(stream);
        }
        catch (Exception e) when (e is IOException and not EndOfStreamException or ObjectDisposedException)
        {
            return null; // A reset is how a killed process hangs up.
        }
        catch (EndOfStreamException)
        {
            return null; // Killed within a frame: the same, and what it was about to say is lost with it.
        }
    }

    private TReceive Parse(byte[] payload)
    {
        try
        {
            JsonNulls.RefuseInLists(payload);
            return JsonSerializer.Deserialize(payload, receives) ?? throw new LinkProtocolException("A frame holds null.");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new LinkProtocolException($"A frame is not a {typeof(TReceive).Name}: {e.Message}", e);
        }
    }

    private void WriteAll()
    {
        while (outgoing.TryTake(out var message))
        {
            try
            {
                Frames.Write(stream, JsonSerializer.SerializeToUtf8Bytes(message, sends));
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                outgoing.Complete(); // The reader sees the same end and acts on it.
                return;
            }
        }
    }
}
