using System.Buffers.Binary;

namespace JointFusion.Orchestration;

/// <summary>Length-prefixed frames: four bytes, little-endian, then so many bytes.</summary>
internal static class Frames
{
    /// <summary>Bytes of the longest frame either side accepts.</summary>
    public const int MaxBytes = 1 << 20;

    /// <exception cref="LinkProtocolException">The payload is empty or longer than <see cref="MaxBytes"/>.</exception>
    public static void Write(Stream stream, ReadOnlySpan<byte> payload)
    {
        Check(payload.Length);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, payload.Length);
        stream.Write(length);
        stream.Write(payload);
        stream.Flush();
    }

    /// <summary>The next payload; null at a clean end of the stream.</summary>
    /// <exception cref="LinkProtocolException">The length is 0, negative or too great: refused before anything is allocated for it.</exception>
    /// <exception cref="EndOfStreamException">The stream ends within a frame.</exception>
    public static byte[]? Read(Stream stream)
    {
        Span<byte> length = stackalloc byte[4];
        var read = stream.ReadAtLeast(length, length.Length, throwOnEndOfStream: false);
        if (read == 0)
            return null;
        if (read < length.Length)
            throw new EndOfStreamException("The link ended within a frame's length.");
        var bytes = BinaryPrimitives.ReadInt32LittleEndian(length);
        Check(bytes);
        var payload = new byte[bytes];
        stream.ReadExactly(payload);
        return payload;
    }

    private static void Check(int bytes)
    {
        if (bytes is <= 0 or > MaxBytes)
            throw new LinkProtocolException($"A frame of {bytes} bytes; 1 to {MaxBytes} are allowed.");
    }
}
