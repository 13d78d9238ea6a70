namespace JointFusion.Data;

/// <summary>The recipe of the emoji set.</summary>
internal static class EmojiSet
{
    private static readonly DrawnSetIdentity Identity = new(
        EmojiDataSet.Name,
        EmojiDataSet.DataSetId,
        EmojiPhrases.Instructions,
        "A concept is an emoji sequence that both artists have drawn; its pictures, names and captions are held out together. A query is as held out as the most held out of its emoji.",
        "No two pictures have equal pixels, and no two emoji one name. The query's own picture is in the pools.",
        "concept: the family, emoji that differ in skin tone, gender, hair or direction alone, by the name of its plain one; what has no family is one each, whatever its skin tone.");

    public static DrawnSet Create(IReadOnlyList<EmojiDrawing> drawings, IProgress<DataProgress>? progress, CancellationToken cancellation)
    {
        var concepts = EmojiCatalog.Build(drawings, progress, cancellation);
        var families = EmojiFamily.Find(concepts);
        var plain = families.Select(family => family.Plain.Name).ToHashSet(StringComparer.Ordinal);
        var composed = families.SelectMany(family => family.Members.Values).Select(member => member.Name).ToHashSet(StringComparer.Ordinal);
        var splits = ConceptSplits.Assign(concepts, plain, composed, EmojiPhrases.All);
        var candidates = new EmojiCandidates(concepts);
        var familyOf = families.SelectMany(family => family.Members.Values.Select(member => (member, family))).ToDictionary(entry => entry.member.Name, entry => entry.family);
        var toneless = concepts.Where(concept => concept.Traits.Tone == EmojiTone.None).ToDictionary(concept => (concept.Thing, concept.Traits));
        var shown = new EmojiQueries(candidates, splits);
        var changes = new EmojiChanges(candidates, splits, families);
        var queries = concepts.SelectMany(concept => shown.Of(concept, ClusterOf(concept), SiblingOf(concept))).Concat(changes.All());
        return DrawnSet.Create(Identity, concepts, candidates.All, candidates.Pool, queries, splits);

        string ClusterOf(EmojiConcept concept) => (familyOf.GetValueOrDefault(concept.Name)?.Plain ?? toneless.GetValueOrDefault((concept.Thing, concept.Traits with { Tone = EmojiTone.None })) ?? concept).Text;

        EmojiConcept? SiblingOf(EmojiConcept concept) => familyOf.GetValueOrDefault(concept.Name)?.Members.Values
            .Where(member => member != concept)
            .MinBy(member => StableHash.Of($"sibling:{concept.Name}:{member.Name}"));
    }
}
