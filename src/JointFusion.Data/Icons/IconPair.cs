using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>An icon that is another one with a mark drawn on it: calendar + add = calendar add.</summary>
/// <param name="Mark">One or more words.</param>
internal sealed record IconPair(IconConcept Base, string Mark, IconConcept Full)
{
    // A rarer mark can neither be learned nor measured.
    private const int MinimumBases = 3;

    // Languages and writing directions change the letters drawn, and add no mark.
    private static readonly ImmutableHashSet<string> NotMarks =
        ImmutableHashSet.Create("ar", "bg", "ca", "da", "de", "en", "es", "et", "fr", "gl", "he", "hu", "it", "ja", "kk", "ko", "lt", "lv", "ltr", "pt", "rtl", "ru", "sl", "sr", "uk", "zh");

    /// <summary>Ordered by the full name, then the base's. A name may be taken apart in several ways.</summary>
    public static ImmutableArray<IconPair> Find(IReadOnlyList<IconConcept> concepts)
    {
        var byText = concepts.ToDictionary(concept => concept.Text, StringComparer.Ordinal);
        var pairs = concepts.SelectMany(full => Split(full, byText)).Where(pair => !NotMarks.Contains(pair.Mark)).ToList();
        var bases = pairs.CountBy(pair => pair.Mark).ToDictionary(StringComparer.Ordinal);
        return [.. pairs.Where(pair => bases[pair.Mark] >= MinimumBases)];
    }

    private static IEnumerable<IconPair> Split(IconConcept full, Dictionary<string, IconConcept> byText)
    {
        for (var words = 1; words < full.Words.Length; words++)
        {
            if (byText.TryGetValue(string.Join(' ', full.Words.Take(words)), out var found))
            {
                yield return new IconPair(found, string.Join(' ', full.Words.Skip(words)), full);
            }
        }
    }
}
