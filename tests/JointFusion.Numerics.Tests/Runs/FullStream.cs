namespace JointFusion.Numerics.Tests;

/// <summary>A file on a disk with so much room: what does not fit is left half written, as a real full disk leaves it.</summary>
/// <param name="room">Length at which it is full; asked at each write.</param>
internal sealed class FullStream(Stream inner, Func<long> room) : Stream
{
    public override bool CanRead => false;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var fits = (int)Math.Clamp(room() - inner.Length, 0, buffer.Length);
        inner.Write(buffer[..fits]);
        if (fits < buffer.Length) throw new IOException("No space left on device");
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    public override void Flush() => inner.Flush();
    public override void SetLength(long value) => inner.SetLength(value);
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
}
