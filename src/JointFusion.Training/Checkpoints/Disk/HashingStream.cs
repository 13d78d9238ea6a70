using System.Security.Cryptography;

namespace JointFusion.Training;

/// <summary>Passes bytes on to another stream, and hashes them at the same time on a thread of its own.</summary>
/// <remarks>SHA-256 is about as fast as a copy into the page cache: one after the other they would take twice as long.</remarks>
internal sealed unsafe class HashingStream : PassingStream
{
    /// <summary>Bytes below which handing over costs more than it saves.</summary>
    private const int WorthAHandover = 256 << 10;

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly object gate = new();
    private readonly Thread thread;
    private byte* piece;
    private int length;
    private bool ended;

    /// <param name="inner">Not owned.</param>
    public HashingStream(Stream inner) : base(inner)
    {
        thread = new Thread(HashPieces) { IsBackground = true, Name = "checkpoint-hash" };
        thread.Start();
    }

    /// <summary>Lower-case hex of the SHA-256 of all that was written; to be read once, at the end.</summary>
    public string Finish() => Convert.ToHexStringLower(hash.GetHashAndReset());

    protected override void Pass(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length < WorthAHandover)
        {
            Inner.Write(buffer);
            hash.AppendData(buffer);
            return;
        }
        fixed (byte* start = buffer)
        {
            HandOver(start, buffer.Length);
            try
            {
                Inner.Write(buffer);
            }
            finally
            {
                WaitForHash();
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            lock (gate)
            {
                ended = true;
                Monitor.PulseAll(gate);
            }
            thread.Join();
            hash.Dispose();
        }
        base.Dispose(disposing);
    }

    private void HandOver(byte* start, int bytes)
    {
        lock (gate)
        {
            piece = start;
            length = bytes;
            Monitor.PulseAll(gate);
        }
    }

    private void WaitForHash()
    {
        lock (gate)
            while (length > 0) Monitor.Wait(gate);
    }

    private void HashPieces()
    {
        while (true)
        {
            lock (gate)
            {
                while (length == 0 && !ended) Monitor.Wait(gate);
                if (length == 0) return;
            }
            hash.AppendData(new ReadOnlySpan<byte>(piece, length));
            lock (gate)
            {
                length = 0;
                Monitor.PulseAll(gate);
            }
        }
    }
}
