using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace JointFusion.Data;

/// <summary>SentencePiece's own normalisation, as its trainer compiled it: a trie from characters to what they become.</summary>
/// <remarks>
/// The bytes: how many of them the trie has (uint32, little endian), its units, and the results, each ended by a zero. The trie is a double array
/// (Aoe 1989) in the layout of Darts-clone, whose values are places among the results. The tokenizers library, which is followed here, asks for what
/// a reader sees as one character first, if it has fewer than six bytes, takes the shortest beginning that is found for all of it, and only
/// else asks for each code point.
/// </remarks>
internal sealed class PrecompiledNormalizer : ITextNormalizer
{
    private const int MostBytesOfWhole = 5, LabelMask = unchecked((int)0x800000FF), HasValue = 1 << 8, ValueMask = int.MaxValue;
    private readonly int[] units;
    private readonly byte[] results;

    private PrecompiledNormalizer(int[] units, byte[] results) => (this.units, this.results) = (units, results);

    /// <returns>Null: these bytes are none of this kind.</returns>
    public static PrecompiledNormalizer? Create(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(uint)) return null;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (length == 0 || length % sizeof(uint) != 0 || length > bytes.Length - sizeof(uint)) return null;
        var units = new int[length / sizeof(uint)];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadInt32LittleEndian(bytes[(sizeof(uint) * (1 + i))..]);
        }

        return new PrecompiledNormalizer(units, bytes[(sizeof(uint) + (int)length)..].ToArray());
    }

    public string Normalize(string text)
    {
        var normalized = new StringBuilder(text.Length);
        Span<byte> utf8 = stackalloc byte[MostBytesOfWhole + 1];
        for (var rest = text.AsSpan(); !rest.IsEmpty;)
        {
            var whole = rest[..StringInfo.GetNextTextElementLength(rest)];
            rest = rest[whole.Length..];
            if (Encoding.UTF8.GetByteCount(whole) <= MostBytesOfWhole && Find(utf8[..Encoding.UTF8.GetBytes(whole, utf8)]) is { } result)
            {
                normalized.Append(result);
                continue;
            }

            foreach (var rune in whole.EnumerateRunes())
            {
                if (Find(utf8[..rune.EncodeToUtf8(utf8)]) is { } part) normalized.Append(part);
                else normalized.Append(rune.ToString());
            }
        }

        return normalized.ToString();
    }

    /// <summary>What the shortest beginning of a key that has a value becomes.</summary>
    private string? Find(ReadOnlySpan<byte> key)
    {
        var at = Offset(units[0]);
        foreach (var next in key)
        {
            at ^= next;
            if (next == 0 || at >= units.Length || (units[at] & LabelMask) != next) return null;
            var unit = units[at];
            at ^= Offset(unit);
            if ((unit & HasValue) != 0) return at < units.Length ? Result(units[at] & ValueMask) : null;
        }

        return null;
    }

    private string? Result(int start)
    {
        if (start >= results.Length) return null;
        var rest = results.AsSpan(start);
        var end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    /// <summary>From a unit to its first child: 22 bits, the last of which may be times 256.</summary>
    private static int Offset(int unit) => (int)((uint)unit >> 10) << ((unit & (1 << 9)) >> 6);
}
