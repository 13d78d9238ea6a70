using System.Text.RegularExpressions;

namespace JointFusion.Data;

/// <summary>What a tokenizer.json looks for: a text, or a regular expression over code points.</summary>
internal sealed class TextPattern
{
    private readonly string? literal;
    private readonly Regex? regex;

    private TextPattern(string? literal, Regex? regex) => (this.literal, this.regex) = (literal, regex);

    public static TextPattern Read(JsonPlace place)
    {
        place.RequireOnly("String", "Regex");
        return place.Find("Regex") is { } expression ? new TextPattern(null, Compile(expression)) : new TextPattern(place.Get("String").Text(), null);
    }

    public static TextPattern OfRegex(Regex regex) => new(null, regex);

    /// <summary>From left to right, never overlapping; none is empty.</summary>
    public IEnumerable<(int Start, int Length)> Matches(string text) => literal is null ? RegexMatches(text) : LiteralMatches(text);

    /// <remarks>
    /// The library's own engine (Oniguruma) and .NET's agree on what tokenizers use: alternatives, classes by category, white space, look-ahead.
    /// What only one of them knows, such as scripts and possessive repetition, .NET refuses here.
    /// </remarks>
    private static Regex Compile(JsonPlace place)
    {
        var expression = place.Text();
        if (expression.Any(char.IsSurrogate)) throw place.Fault("a regular expression that spells characters beyond U+FFFF is not supported");
        try
        {
            return new Regex(expression, RegexOptions.Compiled | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException error)
        {
            throw place.Fault($"a regular expression that .NET cannot read ({error.Message.TrimEnd('.')})");
        }
    }

    private IEnumerable<(int Start, int Length)> LiteralMatches(string text)
    {
        if (literal!.Length == 0) yield break;
        for (var at = text.IndexOf(literal, StringComparison.Ordinal); at >= 0; at = text.IndexOf(literal, at + literal.Length, StringComparison.Ordinal))
        {
            yield return (at, literal.Length);
        }
    }

    private IEnumerable<(int Start, int Length)> RegexMatches(string text)
    {
        var plane = CodePointPlane.Of(text);
        for (var match = regex!.Match(plane.Text); match.Success; match = match.NextMatch())
        {
            if (match.Length == 0) continue;
            var start = plane.Origin(match.Index);
            yield return (start, plane.Origin(match.Index + match.Length) - start);
        }
    }
}
