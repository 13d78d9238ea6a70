using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace JointFusion.Data;

/// <summary>Splits the package's Pascal-case names into the words that captions are made of.</summary>
internal static partial class IconName
{
    /// <summary>Lower-case words: <c>CalendarLTR</c> gives calendar, ltr; <c>Number10Circle</c> gives number, 10, circle.</summary>
    public static ImmutableArray<string> Words(string name) =>
        [.. Boundary().Replace(name, " ").ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>What a word and its plural have in common; only ever compared, never shown.</summary>
    public static string Stem(string word) => word.Length > 3 && word[^1] == 's' ? word[..^1] : word;

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])")]
    private static partial Regex Boundary();
}
