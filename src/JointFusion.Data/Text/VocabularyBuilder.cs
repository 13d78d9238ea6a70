using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Learns byte-pair merges from texts: the most frequent neighbours are joined, again and again.</summary>
internal static class VocabularyBuilder
{
    // Rarer words of a large set hardly move a merge's count; they are still spelled by its pieces.
    private const int MaximumWords = 100_000;
    private const int MinimumCount = 2;

    /// <summary>The same texts give the same vocabulary, in whatever order they come. A text counts once however often it occurs.</summary>
    public static Vocabulary Build(IEnumerable<string> texts, int maximumSize = Vocabulary.MaximumSize)
    {
        List<string> entries = [.. ByteAlphabet.Characters.Select(character => character.ToString())];
        var known = entries.ToHashSet(StringComparer.Ordinal);
        var merges = ImmutableArray.CreateBuilder<string>();
        var corpus = new PairCorpus(CountWords(texts));
        while (entries.Count < maximumSize && corpus.MostFrequent(MinimumCount) is var (left, right))
        {
            merges.Add($"{left} {right}");
            if (known.Add(left + right)) entries.Add(left + right);
            corpus.Merge(left, right);
        }

        return new Vocabulary([.. entries], merges.DrainToImmutable());
    }

    private static IEnumerable<KeyValuePair<string, int>> CountWords(IEnumerable<string> texts)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts.Distinct(StringComparer.Ordinal))
        {
            var normalized = TextPieces.Normalize(text);
            foreach (var match in TextPieces.Pattern().EnumerateMatches(normalized))
            {
                var word = normalized.Substring(match.Index, match.Length);
                counts[word] = counts.GetValueOrDefault(word) + 1;
            }
        }

        return counts.OrderByDescending(word => word.Value).ThenBy(word => word.Key, StringComparer.Ordinal).Take(MaximumWords);
    }
}
