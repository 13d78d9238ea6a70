using System.Globalization;
using System.Text;

namespace JointFusion.Data;

/// <summary>A text with one char for each code point, for .NET's regular expressions, which take the two halves of a character beyond U+FFFF for two of no category.</summary>
/// <remarks>Such a character is stood in for by one of its category from the first plane. No stand-in has a case partner in ASCII, nor is it white space.</remarks>
internal readonly struct CodePointPlane
{
    private readonly int[]? origins;

    private CodePointPlane(string text, int[]? origins) => (Text, this.origins) = (text, origins);

    public string Text { get; }

    public static CodePointPlane Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDBFF')) return new CodePointPlane(text, null);

        var plane = new StringBuilder(text.Length);
        var origins = new List<int>(text.Length + 1);
        for (var i = 0; i < text.Length; i++)
        {
            origins.Add(i);
            var pair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            plane.Append(pair ? StandIn(CharUnicodeInfo.GetUnicodeCategory(text, i)) : text[i]);
            if (pair) i++;
        }

        origins.Add(text.Length);
        return new CodePointPlane(plane.ToString(), [.. origins]);
    }

    /// <summary>Where a place in <see cref="Text"/> is in the text that was given.</summary>
    public int Origin(int index) => origins?[index] ?? index;

    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\u0531',
        UnicodeCategory.LowercaseLetter => '\u0561',
        UnicodeCategory.TitlecaseLetter => '\u01C5',
        UnicodeCategory.ModifierLetter => '\u02B0',
        UnicodeCategory.OtherLetter => '\u3042',
        UnicodeCategory.NonSpacingMark => '\u0300',
        UnicodeCategory.SpacingCombiningMark => '\u0903',
        UnicodeCategory.EnclosingMark => '\u0488',
        UnicodeCategory.DecimalDigitNumber => '\u0660',
        UnicodeCategory.LetterNumber => '\u3007',
        UnicodeCategory.OtherNumber => '\u00B2',
        UnicodeCategory.ConnectorPunctuation => '\u203F',
        UnicodeCategory.DashPunctuation => '\u2010',
        UnicodeCategory.OpenPunctuation => '\u2045',
        UnicodeCategory.ClosePunctuation => '\u2046',
        UnicodeCategory.InitialQuotePunctuation => '\u00AB',
        UnicodeCategory.FinalQuotePunctuation => '\u00BB',
        UnicodeCategory.OtherPunctuation => '\u00A1',
        UnicodeCategory.MathSymbol => '\u00AC',
        UnicodeCategory.CurrencySymbol => '\u00A2',
        UnicodeCategory.ModifierSymbol => '\u00A8',
        UnicodeCategory.OtherSymbol => '\u00A6',
        UnicodeCategory.Format => '\u200B',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\u0378',
    };
}
