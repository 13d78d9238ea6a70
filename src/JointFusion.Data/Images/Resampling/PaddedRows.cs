using System.Buffers;

namespace JointFusion.Data;

/// <summary>Rows of RGB between the two passes, each with room behind it for whole vectors.</summary>
internal readonly struct PaddedRows
{
    /// <summary>Bytes; the widest vector used.</summary>
    public const int Unit = 32;
    private readonly byte[] bytes;

    private PaddedRows(byte[] bytes, int count, int stride) => (this.bytes, Count, Stride) = (bytes, count, stride);

    public int Count { get; }

    /// <summary>From row to row: more than the row by at least 4, and a multiple of <see cref="Unit"/>.</summary>
    public int Stride { get; }

    /// <param name="spare">Rows behind the last that can be read, of no meaning.</param>
    public static PaddedRows Rent(int count, int spare, int width)
    {
        var stride = ((width * RgbPicture.Channels) + sizeof(int) + Unit - 1) / Unit * Unit;
        return new PaddedRows(ArrayPool<byte>.Shared.Rent((count + spare) * stride), count, stride);
    }

    public Span<byte> Row(int y) => bytes.AsSpan(y * Stride, Stride);

    public void Return() => ArrayPool<byte>.Shared.Return(bytes);
}
