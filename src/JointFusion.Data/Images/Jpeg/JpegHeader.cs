using System.Buffers.Binary;

namespace JointFusion.Data;

/// <summary>A JPEG file's size, without a decoder's set-up, which costs as much as a tenth of a small picture.</summary>
/// <remarks>ITU-T T.81, annex B: segments of marker and length until the frame header, SOF0 to SOF15 without the tables that share its range.</remarks>
internal static class JpegHeader
{
    private const int DefineHuffmanTables = 0xC4, Extension = 0xC8, DefineArithmeticCoding = 0xCC;

    /// <returns>Null where it is no JPEG file, or one that does not begin as they usually do.</returns>
    public static (int Width, int Height)? Size(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8])) return null;
        for (var rest = bytes[2..]; rest.Length >= 9 && rest[0] == 0xFF;)
        {
            var marker = rest[1];
            if (marker is >= 0xC0 and <= 0xCF and not (DefineHuffmanTables or Extension or DefineArithmeticCoding))
                return (BinaryPrimitives.ReadUInt16BigEndian(rest[7..]), BinaryPrimitives.ReadUInt16BigEndian(rest[5..]));
            var length = 2 + BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (length > rest.Length) return null;
            rest = rest[length..];
        }

        return null;
    }
}
