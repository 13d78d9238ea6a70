using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Queries about an emoji and how it looks: changing that, carrying it over, asking for it.</summary>
internal sealed class EmojiChanges(EmojiCandidates candidates, ConceptSplits splits, ImmutableArray<EmojiFamily> families)
{
    private const int OthersAlike = 2;

    /// <summary>Of the many targets that a change has, so many a picture.</summary>
    private static readonly ImmutableArray<(EmojiChange Change, string Operation, int Targets)> Operations =
    [
        (EmojiChange.Tone, "swap-tone", 2),
        (EmojiChange.Gender, "swap-gender", 2),
        (EmojiChange.Hair, "swap-hair", 2),
        (EmojiChange.Direction, "turn", 1),
        (EmojiChange.Gender | EmojiChange.Tone, "swap-both", 2),
    ];

    private readonly ILookup<EmojiTraits, EmojiFamily> byTraits =
        families.SelectMany(family => family.Members.Keys.Select(traits => (traits, family))).ToLookup(entry => entry.traits, entry => entry.family);

    public IEnumerable<DrawnQuery> All() =>
        from family in families
        from member in family.Members.Values.OrderBy(member => member.Name, StringComparer.Ordinal)
        from query in Changes(family, member).Concat(CarriedOver(family, member)).Concat(Questions(family, member))
        select query;

    private IEnumerable<DrawnQuery> Changes(EmojiFamily family, EmojiConcept start) =>
        from operation in Operations
        from to in Draw(start, family.Members.Values.Where(other => start.Traits.To(other.Traits) == operation.Change), operation.Targets)
        let text = EmojiPhrases.Change(operation.Change, to.Traits)
        let near = family.Members.Values.Where(other => other != to && other != start && to.Traits.To(other.Traits) is EmojiChange.Tone or EmojiChange.Gender or EmojiChange.Hair)
        let wrong = Draw(to, near, 1).ToList()
        from task in operation.Operation == "swap-both" ? (int[])[7, 8] : [7]
        from query in Both(task, operation.Operation, family.Plain.Text, text, start, to, wrong)
        select query;

    /// <summary>The look of one on another.</summary>
    private IEnumerable<DrawnQuery> CarriedOver(EmojiFamily family, EmojiConcept start) =>
        from other in start.Traits == default ? [] : Draw(start, byTraits[start.Traits].Where(other => other != family).Select(other => other.Members[start.Traits]), OthersAlike)
        let plain = byTraits[default].First(candidate => candidate.Plain.Thing == other.Thing).Plain
        from task in (int[])[7, 8]
        from query in Both(task, "swap-thing", plain.Text, EmojiPhrases.SameLook(plain.Text), start, other, [plain])
        select query;

    private IEnumerable<DrawnQuery> Both(int task, string operation, string cluster, string text, EmojiConcept start, EmojiConcept to, IReadOnlyList<EmojiConcept> wrong) =>
        from artist in EmojiArtists.All
        select new DrawnQuery(
            task,
            operation,
            splits.Of([start, to, .. wrong]),
            cluster,
            text,
            start.ImagePath(artist),
            [Candidate(task, to, artist)],
            [Candidate(task, start, artist), .. wrong.Select(concept => Candidate(task, concept, artist))]);

    private int Candidate(int task, EmojiConcept concept, EmojiArtist artist) => task == 7 ? candidates.Picture(concept, artist) : candidates.Card(concept, artist);

    private IEnumerable<DrawnQuery> Questions(EmojiFamily family, EmojiConcept member)
    {
        if (EmojiPhrases.Look(member.Traits) is not { } look) yield break;

        var (thing, seems) = (candidates.Answer(family.Plain.Text), candidates.Answer(look));
        var split = splits.Of(family.Plain, member);
        foreach (var artist in EmojiArtists.All)
        {
            yield return new DrawnQuery(6, "which-thing", split, family.Plain.Text, EmojiPhrases.WhichThing, member.ImagePath(artist), [thing], [seems]);
            yield return new DrawnQuery(6, "which-look", split, family.Plain.Text, EmojiPhrases.WhichLook, member.ImagePath(artist), [seems], [thing]);
        }
    }

    private static IEnumerable<EmojiConcept> Draw(EmojiConcept start, IEnumerable<EmojiConcept> others, int count) =>
        others.OrderBy(other => StableHash.Of($"change:{start.Name}:{other.Name}")).ThenBy(other => other.Name, StringComparer.Ordinal).Take(count);
}
