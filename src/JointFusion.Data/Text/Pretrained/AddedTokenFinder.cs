using System.Text;

namespace JointFusion.Data;

/// <summary>Cuts texts at added tokens: the leftmost first, of those that begin there the longest.</summary>
internal sealed class AddedTokenFinder
{
    private readonly Dictionary<string, AddedToken>.AlternateLookup<ReadOnlySpan<char>> tokens;

    /// <summary>By first character: lengths that occur, the longest first.</summary>
    private readonly Dictionary<char, int[]> lengths;

    /// <param name="tokens">By the text that is looked for. The last of equals counts.</param>
    public AddedTokenFinder(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        var byText = new Dictionary<string, AddedToken>();
        foreach (var (text, token) in tokens.Where(entry => entry.Text.Length > 0))
        {
            byText[text] = token;
        }

        this.tokens = byText.GetAlternateLookup<ReadOnlySpan<char>>();
        lengths = byText.Keys.GroupBy(text => text[0])
            .ToDictionary(group => group.Key, group => group.Select(text => text.Length).Distinct().OrderDescending().ToArray());
    }

    /// <returns>The text's parts in order: those between tokens as they are, the others with their token.</returns>
    public List<Part> Split(string text)
    {
        var parts = new List<Part>();
        var (rest, position) = (0, 0);
        while (position < text.Length)
        {
            if (Find(text, position) is not var (length, token))
            {
                position++;
                continue;
            }

            var (start, end) = Widen(text, rest, position, position + length, token);
            if (start > rest) parts.Add(new Part(text[rest..start], rest, null));
            parts.Add(new Part(text[start..end], start, token));
            (rest, position) = (end, Math.Max(end, position + length));
        }

        if (rest < text.Length) parts.Add(new Part(text[rest..], rest, null));
        return parts;
    }

    private (int Length, AddedToken Token)? Find(string text, int position)
    {
        if (!lengths.TryGetValue(text[position], out var candidates)) return null;
        foreach (var length in candidates)
        {
            if (position + length > text.Length || !tokens.TryGetValue(text.AsSpan(position, length), out var token)) continue;
            if (!token.SingleWord || (!EndsInWord(text, position) && !BeginsWithWord(text, position + length))) return (length, token);
            return null; // A single word within another is plain text, as are shorter tokens that it hides.
        }

        return null;
    }

    private static (int Start, int End) Widen(string text, int rest, int start, int end, AddedToken token)
    {
        while (token.LeftStrip && start > rest && char.IsWhiteSpace(text[start - 1]))
        {
            start--;
        }

        while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
        {
            end++;
        }

        return (start, end);
    }

    private static bool EndsInWord(string text, int end) =>
        end > 0 && Rune.DecodeLastFromUtf16(text.AsSpan(0, end), out var rune, out _) == System.Buffers.OperationStatus.Done && IsWord(rune);

    private static bool BeginsWithWord(string text, int start) =>
        start < text.Length && Rune.DecodeFromUtf16(text.AsSpan(start), out var rune, out _) == System.Buffers.OperationStatus.Done && IsWord(rune);

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || rune.Value == '_'
        || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark
            or System.Globalization.UnicodeCategory.SpacingCombiningMark or System.Globalization.UnicodeCategory.EnclosingMark
            or System.Globalization.UnicodeCategory.ConnectorPunctuation;

    /// <param name="Start">Where it stood.</param>
    /// <param name="Token">Null for plain text.</param>
    internal readonly record struct Part(string Text, int Start, AddedToken? Token);
}
