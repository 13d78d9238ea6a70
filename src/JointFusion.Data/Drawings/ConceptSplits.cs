using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Ordered by how much is held out: what joins several takes the greatest.</summary>
internal enum ConceptSplit { Train, Val, Test, Unseen }

/// <summary>Which concepts are held out.</summary>
/// <remarks>
/// unseen: the name has a held-out word. Such words (with their plurals) are drawn by hash among those that are not too common and
/// that no instruction or question uses, so they occur nowhere in training, in any position.
/// test, val: new combinations; each word occurs in at least two training names. What much else is made of is never chosen, so that
/// for most combinations the parts were seen.
/// </remarks>
internal sealed class ConceptSplits
{
    private const int HeldOutPercent = 10;
    private const int ValPercent = 10;
    private const int TestPercent = 62;

    // Fewer of the names that are made of others: they are what teaches the operations.
    private const int ComposedTestPercent = 34;

    private const int CommonWord = 40;
    private const int TrainingNamesOfAWord = 2;

    private readonly Dictionary<string, ConceptSplit> splitOfName;

    private readonly HashSet<string> heldOutStems;

    private ConceptSplits(Dictionary<string, ConceptSplit> splitOfName, HashSet<string> heldOutStems, ImmutableArray<string> heldOutWords)
    {
        (this.splitOfName, this.heldOutStems) = (splitOfName, heldOutStems);
        HeldOutWords = heldOutWords;
    }

    /// <summary>In ordinal order, every form that occurs.</summary>
    public ImmutableArray<string> HeldOutWords { get; }

    /// <summary>Whether one of a text's words is held out, in any form.</summary>
    public bool IsHeldOut(string text) => WordsOf(text).Any(word => heldOutStems.Contains(Stem(word)));

    public ConceptSplit Of(params ReadOnlySpan<DrawnConcept> concepts)
    {
        var split = ConceptSplit.Train;
        foreach (var concept in concepts)
        {
            split = (ConceptSplit)Math.Max((int)split, (int)splitOfName[concept.Name]);
        }

        return split;
    }

    /// <param name="kept">Names that stay in training unless they have a held-out word.</param>
    /// <param name="composed">Names that are made of others.</param>
    /// <param name="phrases">Every text of the set that is not made of names: their words are never held out.</param>
    public static ConceptSplits Assign(
        IReadOnlyList<DrawnConcept> concepts, IReadOnlySet<string> kept, IReadOnlySet<string> composed, IEnumerable<string> phrases)
    {
        var heldOut = HeldOutStems(concepts, [.. phrases.SelectMany(WordsOf).Select(Stem)]);
        var splits = concepts.ToDictionary(
            concept => concept.Name,
            concept => concept.Words.Any(word => heldOut.Contains(Stem(word))) ? ConceptSplit.Unseen
                : kept.Contains(concept.Name) ? ConceptSplit.Train
                : Draw(concept.Name, composed.Contains(concept.Name)));
        while (ReturnWithoutWords(concepts, splits))
        {
        }

        var words = concepts.SelectMany(concept => concept.Words).Where(word => heldOut.Contains(Stem(word)));
        return new ConceptSplits(splits, heldOut, [.. words.Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>What a word and its plural have in common; only ever compared, never shown.</summary>
    private static string Stem(string word) => word.Length > 3 && word[^1] == 's' ? word[..^1] : word;

    public static IEnumerable<string> WordsOf(string text) =>
        TextPieces.Pattern().Matches(TextPieces.Normalize(text)).Select(match => match.Value.Trim());

    private static HashSet<string> HeldOutStems(IReadOnlyList<DrawnConcept> concepts, HashSet<string> protectedStems) =>
    [
        .. concepts
            .SelectMany(concept => concept.Words.Select(Stem).Distinct())
            .CountBy(stem => stem)
            .Where(stem => stem.Value <= CommonWord && stem.Key.Length > 2 && stem.Key.All(char.IsAsciiLetter))
            .Select(stem => stem.Key)
            .Where(stem => !protectedStems.Contains(stem) && StableHash.Percent($"word:{stem}") < HeldOutPercent),
    ];

    private static ConceptSplit Draw(string name, bool composed)
    {
        var percent = StableHash.Percent($"name:{name}");
        if (percent < ValPercent) return ConceptSplit.Val;
        return percent < ValPercent + (composed ? ComposedTestPercent : TestPercent) ? ConceptSplit.Test : ConceptSplit.Train;
    }

    // A concept whose words training hardly shows goes back to training, which may be what another one lacked: so, until none does.
    private static bool ReturnWithoutWords(IReadOnlyList<DrawnConcept> concepts, Dictionary<string, ConceptSplit> splits)
    {
        var shown = concepts
            .Where(concept => splits[concept.Name] == ConceptSplit.Train)
            .SelectMany(concept => concept.Words.Distinct())
            .CountBy(word => word)
            .ToDictionary();
        var lacking = concepts
            .Where(concept => splits[concept.Name] is ConceptSplit.Val or ConceptSplit.Test)
            .Where(concept => concept.Words.Any(word => shown.GetValueOrDefault(word) < TrainingNamesOfAWord))
            .ToList();
        foreach (var concept in lacking)
        {
            splits[concept.Name] = ConceptSplit.Train;
        }

        return lacking.Count > 0;
    }
}
