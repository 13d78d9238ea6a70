namespace JointFusion.Data;

/// <summary>Spaces become a sign, and begin a piece each.</summary>
/// <param name="split">False: they are replaced alone, and the piece stays whole.</param>
internal sealed class MetaspacePreTokenizer(char replacement, PrependScheme scheme, bool split) : IPreTokenizer
{
    public IEnumerable<TextPiece> Split(TextPiece piece)
    {
        var text = piece.Text.Replace(' ', replacement);
        var prepend = scheme == PrependScheme.Always || (scheme == PrependScheme.First && piece.AtStart);
        if (prepend && !text.StartsWith(replacement)) text = replacement + text;
        return split ? Cut(piece with { Text = text }) : [piece with { Text = text }];
    }

    private IEnumerable<TextPiece> Cut(TextPiece piece)
    {
        for (int start = 0, end; start < piece.Text.Length; start = end)
        {
            end = piece.Text.IndexOf(replacement, start + 1);
            if (end < 0) end = piece.Text.Length;
            yield return piece.Part(start, end - start);
        }
    }
}
