using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace JointFusion.Data;

/// <summary>Hashes that are the same on every machine and in every version: splits, orders and identities hang on them.</summary>
internal static class StableHash
{
    /// <summary>The first eight bytes of the text's SHA-256.</summary>
    public static ulong Of(string text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }

    /// <summary>Uniform in 0..99.</summary>
    public static int Percent(string text) => (int)(Of(text) % 100);

    /// <summary>Lower-case hex SHA-256, 64 characters.</summary>
    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <inheritdoc cref="Hex(ReadOnlySpan{byte})"/>
    public static string HexOfFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
