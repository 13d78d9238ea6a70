using System.Runtime.InteropServices;

namespace JointFusion.Data;

/// <summary>Words as sequences of pieces, with a running count of every pair of neighbours.</summary>
internal sealed class PairCorpus
{
    private readonly List<(List<string> Pieces, int Count)> words = [];
    private readonly Dictionary<(string Left, string Right), int> counts = [];
    private readonly Dictionary<(string Left, string Right), HashSet<int>> holders = [];

    public PairCorpus(IEnumerable<KeyValuePair<string, int>> wordCounts)
    {
        foreach (var (word, count) in wordCounts)
        {
            words.Add(([.. ByteAlphabet.Spell(word).Select(character => character.ToString())], count));
            CountPairs(words.Count - 1, sign: 1);
        }
    }

    /// <summary>Null when no pair occurs <paramref name="minimum"/> times. Ties go to the pair that is first in ordinal order.</summary>
    public (string Left, string Right)? MostFrequent(int minimum)
    {
        (string Left, string Right)? best = null;
        var bestCount = minimum - 1;
        foreach (var (pair, count) in counts)
        {
            if (count > bestCount || (count == bestCount && best is { } other && IsBefore(pair, other)))
            {
                (best, bestCount) = (pair, count);
            }
        }

        return best;
    }

    public void Merge(string left, string right)
    {
        foreach (var word in holders[(left, right)].ToList())
        {
            CountPairs(word, sign: -1);
            var pieces = words[word].Pieces;
            for (var i = 0; i + 1 < pieces.Count; i++)
            {
                if (pieces[i] != left || pieces[i + 1] != right) continue;

                pieces[i] = left + right;
                pieces.RemoveAt(i + 1);
            }

            CountPairs(word, sign: 1);
        }
    }

    private void CountPairs(int word, int sign)
    {
        var (pieces, weight) = words[word];
        for (var i = 0; i + 1 < pieces.Count; i++)
        {
            var pair = (pieces[i], pieces[i + 1]);
            ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, pair, out _);
            count += sign * weight;
            if (count == 0) counts.Remove(pair);
            Note(pair, word, held: sign > 0);
        }
    }

    private void Note((string Left, string Right) pair, int word, bool held)
    {
        if (!holders.TryGetValue(pair, out var found)) holders[pair] = found = [];
        if (held) found.Add(word);
        else found.Remove(word);
    }

    private static bool IsBefore((string Left, string Right) pair, (string Left, string Right) other) =>
        string.CompareOrdinal(pair.Left, other.Left) is var order && (order < 0 || (order == 0 && string.CompareOrdinal(pair.Right, other.Right) < 0));
}
