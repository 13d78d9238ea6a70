using System.Text.RegularExpressions;

namespace JointFusion.Data;

/// <summary>Spells each piece in bytes, a printable character for each.</summary>
/// <param name="prefixSpace">Whether a piece that begins without a space gets one.</param>
/// <param name="words">Whether it is cut into words first, as GPT-2 was.</param>
internal sealed partial class ByteLevelPreTokenizer(bool prefixSpace, bool words) : IPreTokenizer
{
    private static readonly TextPattern WordPattern = TextPattern.OfRegex(Words());

    public IEnumerable<TextPiece> Split(TextPiece piece)
    {
        var text = prefixSpace && !piece.Text.StartsWith(' ') ? piece with { Text = " " + piece.Text } : piece;
        var parts = words ? WordPattern.Matches(text.Text).Select(match => text.Part(match.Start, match.Length)) : [text];
        return parts.Select(part => part with { Text = ByteAlphabet.Spell(part.Text) });
    }

    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")]
    private static partial Regex Words();
}
