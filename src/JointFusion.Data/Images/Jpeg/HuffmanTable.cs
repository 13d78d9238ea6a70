using System.Runtime.InteropServices;

namespace JointFusion.Data;

/// <summary>One of a JPEG file's tables of codes, looked up by the bits that come next. Where code and number fit there, one look gives both.</summary>
/// <remarks>
/// ITU-T T.81, annexes C and F. A symbol's upper half is a run of zeros, its lower half how many bits of a number follow. What is found is number,
/// run and bits taken, in 16, 8 and 7 bits; the number is 0 where no bits follow.
/// </remarks>
internal sealed class HuffmanTable
{
    /// <summary>Leaves of 64 coming bits those that are looked up.</summary>
    public const int LookupShift = 64 - LookupBits;

    /// <summary>Set where a look gives less: a symbol without its number, or the beginning of a longer code.</summary>
    public const int SymbolAlone = 0x80;
    public const int BitsMask = 0x7F;
    private const int LookupBits = 10, MostBits = 16, MostSymbols = 256;
    private readonly int[] lookup = new int[1 << LookupBits];

    /// <summary>By length: the first code beyond those of it, moved up to 16 bits, and what leads from a code to its symbol.</summary>
    private readonly int[] ends = new int[MostBits + 1], offsets = new int[MostBits + 1];
    private readonly byte[] symbols;

    private HuffmanTable(byte[] symbols)
    {
        this.symbols = symbols;
        Array.Fill(lookup, SymbolAlone);
    }

    /// <summary>The first of what is found by <see cref="LookupShift"/>.</summary>
    public ref int First => ref MemoryMarshal.GetArrayDataReference(lookup);

    /// <param name="counts">Codes of each length from 1 to 16.</param>
    /// <returns>Null: there are more codes than their lengths allow.</returns>
    public static HuffmanTable? Create(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        if (symbols.Length > MostSymbols) return null;
        var table = new HuffmanTable(symbols.ToArray());
        var (code, first) = (0, 0);
        for (var length = 1; length <= MostBits; length++, code <<= 1)
        {
            table.offsets[length] = first - code;
            for (var i = 0; i < counts[length - 1]; i++, code++, first++)
            {
                if (code >= 1 << length) return null;
                if (length <= LookupBits) table.Fill(code, length, symbols[first]);
            }

            table.ends[length] = code << (MostBits - length);
        }

        return table;
    }

    /// <param name="coming">The coming bits, the first one on top; at least 32.</param>
    /// <exception cref="InvalidDataException">No symbol has such a code.</exception>
    public int Next(ulong coming)
    {
        var entry = lookup[coming >> LookupShift];
        return (entry & SymbolAlone) == 0 ? entry : Whole(entry, coming);
    }

    /// <summary>What the lookup did not give.</summary>
    /// <inheritdoc cref="Next"/>
    public int Whole(int entry, ulong coming)
    {
        var (symbol, length) = (entry >> 8, entry & BitsMask);
        if (length == 0)
        {
            var next = (int)(coming >> (64 - MostBits));
            length = LookupBits + 1;
            while (length <= MostBits && next >= ends[length])
            {
                length++;
            }

            if (length > MostBits) throw JpegBits.Damaged();
            symbol = symbols[(next >> (MostBits - length)) + offsets[length]];
        }

        var bits = symbol & 0xF;
        return Found(bits == 0 ? 0 : (int)(coming << length >> (64 - bits)), bits, symbol, length);
    }

    private void Fill(int code, int length, byte symbol)
    {
        var (bits, rest) = (symbol & 0xF, LookupBits - length);
        for (var low = 0; low < 1 << rest; low++)
        {
            lookup[(code << rest) | low] = bits <= rest ? Found(low >> (rest - bits), bits, symbol, length) : (symbol << 8) | SymbolAlone | length;
        }
    }

    /// <summary>Numbers below half of the range are negative ones.</summary>
    private static int Found(int number, int bits, int symbol, int length)
    {
        var signed = bits == 0 || number >= 1 << (bits - 1) ? number : number - (1 << bits) + 1;
        return (signed << 16) | (symbol >> 4 << 8) | (length + bits);
    }
}
