using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace JointFusion.Data;

/// <summary>Splits the package's Pascal-case names into the words that captions are made of.</summary>
internal static partial class IconName
{
    /// <summary>Lower-case words: <c>CalendarLTR</c> gives calendar, ltr; <c>Number10Circle</c> gives number, 10, circle.</summary>
    public static ImmutableArray<string> Words(string name) =>
        [.. Boundary().Replace(name, " ").ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=[0-9])")]
    private static partial Regex Boundary();
}
