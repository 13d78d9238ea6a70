using System.Globalization;
using System.Text.RegularExpressions;

namespace JointFusion.Data;

/// <summary>How texts are prepared before bytes are paired: the same when a vocabulary is built and when it is used.</summary>
internal static partial class TextPieces
{
    /// <summary>In lower case, one space before every word: a word's first piece differs from the same letters within a word.</summary>
    /// <remarks>Accents written apart stay apart: the program runs in the invariant culture, which has no tables to compose them.</remarks>
    public static string Normalize(string text) =>
        " " + Spaces().Replace(text, " ").Trim().ToLower(CultureInfo.InvariantCulture);

    /// <summary>A word with the space before it, or a run of marks with theirs. No piece ever spans two.</summary>
    [GeneratedRegex(@" ?[\p{L}\p{M}\p{N}]+| ?[^\s\p{L}\p{M}\p{N}]+|\s+")]
    public static partial Regex Pattern();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
