using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Queries about an icon and a mark on it: adding, removing, exchanging, asking.</summary>
internal sealed class MarkQueries(IconCandidates candidates, ConceptSplits splits, ImmutableArray<IconPair> pairs)
{
    // Of the many exchanges that a common mark or a common base allows, so many a picture.
    private const int SwappedMarks = 3;
    private const int SwappedBases = 3;
    private const int MostAnswers = 12;

    private readonly ILookup<string, IconPair> byBase = pairs.ToLookup(pair => pair.Base.Name);
    private readonly ILookup<string, IconPair> byMark = pairs.ToLookup(pair => pair.Mark);

    public IEnumerable<DrawnQuery> All() =>
        from style in IconConcept.Styles
        from query in pairs.SelectMany(pair => Changes(pair, style).Concat(Questions(pair, style)).Concat(Exchanges(pair, style)))
            .Concat(byBase.SelectMany(marks => AnyMark([.. marks], style)))
        select query;

    private IEnumerable<DrawnQuery> Changes(IconPair pair, IconView style)
    {
        var (plain, marked) = (candidates.Picture(pair.Base, style), candidates.Picture(pair.Full, style));
        ImmutableArray<int> siblings = [.. Siblings(pair).Select(sibling => candidates.Picture(sibling.Full, style))];
        var split = splits.Of(pair.Base, pair.Full);
        yield return new DrawnQuery(
            7, "add", split, pair.Full.Name, IconPhrases.Add(pair.Mark), pair.Base.ImagePath(style), [marked], [plain, .. siblings]);
        yield return new DrawnQuery(
            7, "remove", split, pair.Base.Name, IconPhrases.Remove(pair.Mark), pair.Full.ImagePath(style), [plain], [marked, .. siblings]);
    }

    private IEnumerable<DrawnQuery> Questions(IconPair pair, IconView style)
    {
        var (mark, thing) = (candidates.Answer(pair.Mark), candidates.Answer(pair.Base.Text));
        var (split, image) = (splits.Of(pair.Base, pair.Full), pair.Full.ImagePath(style));
        ImmutableArray<int> others = [.. Siblings(pair).Select(sibling => candidates.Answer(sibling.Mark))];
        yield return new DrawnQuery(6, "which-mark", split, pair.Full.Name, IconPhrases.WhichMark, image, [mark], [thing, .. others]);
        yield return new DrawnQuery(6, "which-base", split, pair.Full.Name, IconPhrases.WhichBase, image, [thing], [mark]);
    }

    private IEnumerable<DrawnQuery> Exchanges(IconPair pair, IconView style)
    {
        foreach (var target in Draw(pair, Siblings(pair), SwappedMarks))
        {
            yield return Exchange(7, "swap-mark", pair, target, IconPhrases.SwapMark(target.Mark), concept => candidates.Picture(concept, style), style);
        }

        var carriers = byMark[pair.Mark].Where(other => other.Full.Name != pair.Full.Name && other.Base.Name != pair.Base.Name);
        foreach (var target in Draw(pair, carriers, SwappedBases))
        {
            var text = IconPhrases.SwapBase(target.Base.Text);
            yield return Exchange(7, "swap-base", pair, target, text, concept => candidates.Picture(concept, style), style);
            yield return Exchange(8, "swap-base", pair, target, text, concept => candidates.Card(concept, style), style);
        }
    }

    private DrawnQuery Exchange(
        int task, string operation, IconPair from, IconPair to, string text, Func<IconConcept, int> candidate, IconView style) =>
        new(
            task,
            operation,
            splits.Of(from.Base, from.Full, to.Base, to.Full),
            to.Full.Name,
            text,
            from.Full.ImagePath(style),
            [candidate(to.Full)],
            [candidate(from.Full), candidate(to.Base)]);

    /// <summary>A question with several right answers.</summary>
    private IEnumerable<DrawnQuery> AnyMark(ImmutableArray<IconPair> marks, IconView style)
    {
        if (marks.Length is < 2 or > MostAnswers) yield break;

        var plain = marks[0].Base;
        yield return new DrawnQuery(
            7,
            "any-mark",
            splits.Of([plain, .. marks.Select(pair => pair.Full)]),
            plain.Name,
            IconPhrases.AnyMark,
            plain.ImagePath(style),
            [.. marks.Select(pair => candidates.Picture(pair.Full, style))],
            [candidates.Picture(plain, style)]);
    }

    private IEnumerable<IconPair> Siblings(IconPair pair) => byBase[pair.Base.Name].Where(other => other.Full.Name != pair.Full.Name);

    private static IEnumerable<IconPair> Draw(IconPair pair, IEnumerable<IconPair> others, int count) =>
        others.OrderBy(other => StableHash.Of($"swap:{pair.Full.Name}:{other.Base.Name}:{other.Mark}")).Take(count);
}
