using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Ordered by how much is held out: what joins several takes the greatest.</summary>
internal enum IconSplit { Train, Val, Test, Unseen }

/// <summary>Which concepts are held out.</summary>
/// <remarks>
/// unseen: the name has a held-out word. Such words (with their plurals) are drawn by hash among those that are not too common and
/// that no instruction or question uses, so they occur nowhere in training, in any position.
/// test, val: new combinations; each word occurs in at least two training names. What carries marks itself is never chosen, so that
/// for most combinations the base was seen.
/// </remarks>
internal sealed class IconSplits
{
    private const int HeldOutPercent = 10;
    private const int ValPercent = 10;
    private const int TestPercent = 62;

    // Fewer of the names that are a base with a mark: they are what teaches the operations.
    private const int ComposedTestPercent = 34;

    private const int CommonWord = 40;
    private const int MarksThatKeepABase = 2;
    private const int TrainingNamesOfAWord = 2;

    private readonly Dictionary<string, IconSplit> splitOfName;

    private IconSplits(Dictionary<string, IconSplit> splitOfName, ImmutableArray<string> heldOutWords)
    {
        this.splitOfName = splitOfName;
        HeldOutWords = heldOutWords;
    }

    /// <summary>In ordinal order, every form that occurs.</summary>
    public ImmutableArray<string> HeldOutWords { get; }

    public IconSplit Of(params ReadOnlySpan<IconConcept> concepts)
    {
        var split = IconSplit.Train;
        foreach (var concept in concepts)
        {
            split = (IconSplit)Math.Max((int)split, (int)splitOfName[concept.Name]);
        }

        return split;
    }

    /// <param name="phrases">Every text of the set that is not made of names: their words are never held out.</param>
    public static IconSplits Assign(IReadOnlyList<IconConcept> concepts, IReadOnlyList<IconPair> pairs, IEnumerable<string> phrases)
    {
        var heldOut = HeldOutStems(concepts, [.. phrases.SelectMany(WordsOf).Select(IconName.Stem)]);
        var keepers = pairs.CountBy(pair => pair.Base.Name).Where(marks => marks.Value >= MarksThatKeepABase).Select(marks => marks.Key).ToHashSet(StringComparer.Ordinal);
        var composed = pairs.Select(pair => pair.Full.Name).ToHashSet(StringComparer.Ordinal);
        var splits = concepts.ToDictionary(
            concept => concept.Name,
            concept => concept.Words.Any(word => heldOut.Contains(IconName.Stem(word))) ? IconSplit.Unseen
                : keepers.Contains(concept.Name) ? IconSplit.Train
                : Draw(concept.Name, composed.Contains(concept.Name)));
        while (ReturnWithoutWords(concepts, splits))
        {
        }

        var words = concepts.SelectMany(concept => concept.Words).Where(word => heldOut.Contains(IconName.Stem(word)));
        return new IconSplits(splits, [.. words.Distinct().Order(StringComparer.Ordinal)]);
    }

    public static IEnumerable<string> WordsOf(string text) =>
        TextPieces.Pattern().Matches(TextPieces.Normalize(text)).Select(match => match.Value.Trim());

    private static HashSet<string> HeldOutStems(IReadOnlyList<IconConcept> concepts, HashSet<string> protectedStems) =>
    [
        .. concepts
            .SelectMany(concept => concept.Words.Select(IconName.Stem).Distinct())
            .CountBy(stem => stem)
            .Where(stem => stem.Value <= CommonWord && stem.Key.Length > 2 && stem.Key.All(char.IsAsciiLetter))
            .Select(stem => stem.Key)
            .Where(stem => !protectedStems.Contains(stem) && StableHash.Percent($"word:{stem}") < HeldOutPercent),
    ];

    private static IconSplit Draw(string name, bool composed)
    {
        var percent = StableHash.Percent($"name:{name}");
        if (percent < ValPercent) return IconSplit.Val;
        return percent < ValPercent + (composed ? ComposedTestPercent : TestPercent) ? IconSplit.Test : IconSplit.Train;
    }

    // A concept whose words training hardly shows goes back to training, which may be what another one lacked: so, until none does.
    private static bool ReturnWithoutWords(IReadOnlyList<IconConcept> concepts, Dictionary<string, IconSplit> splits)
    {
        var shown = concepts
            .Where(concept => splits[concept.Name] == IconSplit.Train)
            .SelectMany(concept => concept.Words.Distinct())
            .CountBy(word => word)
            .ToDictionary();
        var lacking = concepts
            .Where(concept => splits[concept.Name] is IconSplit.Val or IconSplit.Test)
            .Where(concept => concept.Words.Any(word => shown.GetValueOrDefault(word) < TrainingNamesOfAWord))
            .ToList();
        foreach (var concept in lacking)
        {
            splits[concept.Name] = IconSplit.Train;
        }

        return lacking.Count > 0;
    }
}
