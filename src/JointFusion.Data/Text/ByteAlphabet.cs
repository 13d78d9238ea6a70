using System.Collections.Immutable;
using System.Text;

namespace JointFusion.Data;

/// <summary>The printable character that stands for each byte in a byte-level vocabulary, as GPT-2 laid down.</summary>
/// <remarks>Printable Latin-1 stands for itself; each other byte, in order, takes the next character from U+0100 on.</remarks>
internal static class ByteAlphabet
{
    public static ImmutableArray<char> Characters { get; } = Create();

    public static string Spell(string piece) => string.Concat(Encoding.UTF8.GetBytes(piece).Select(value => Characters[value]));

    private static ImmutableArray<char> Create()
    {
        var next = 0x100;
        return [.. Enumerable.Range(0, 256).Select(value => IsPrintable(value) ? (char)value : (char)next++)];
    }

    private static bool IsPrintable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
}
