namespace JointFusion.Training;

/// <summary>A stream that is only written to, and passes everything on to another, which it does not own.</summary>
internal abstract class PassingStream(Stream inner) : Stream
{
    private long written;

    public sealed override bool CanRead => false;
    public sealed override bool CanSeek => false;
    public sealed override bool CanWrite => true;

    /// <summary>Bytes passed on so far.</summary>
    public sealed override long Length => written;

    public sealed override long Position
    {
        get => written;
        set => throw new NotSupportedException();
    }

    protected Stream Inner => inner;

    public sealed override void Write(ReadOnlySpan<byte> buffer)
    {
        Pass(buffer);
        written += buffer.Length;
    }

    public sealed override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public sealed override void Flush() => inner.Flush();

    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public sealed override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Writes to <see cref="Inner"/>, and does what else is to be done.</summary>
    protected abstract void Pass(ReadOnlySpan<byte> buffer);
}
