namespace JointFusion.Data;

/// <summary>Queries about one emoji: its caption, its keywords, its drawing by the other artist.</summary>
internal sealed class EmojiQueries(EmojiCandidates candidates, ConceptSplits splits)
{
    /// <param name="cluster">What the emoji's queries have in common.</param>
    /// <param name="sibling">One that is easily taken for it, if there is one.</param>
    public IEnumerable<DrawnQuery> Of(EmojiConcept concept, string cluster, EmojiConcept? sibling) =>
        EmojiArtists.All.SelectMany(artist => Of(concept, cluster, artist)).Concat(Keywords(concept, cluster, sibling));

    private IEnumerable<DrawnQuery> Of(EmojiConcept concept, string cluster, EmojiArtist artist)
    {
        var (picture, other) = (candidates.Picture(concept, artist), candidates.Picture(concept, artist.Other()));
        var (card, otherCard) = (candidates.Card(concept, artist), candidates.Card(concept, artist.Other()));
        var (caption, image) = (concept.Caption(artist), concept.ImagePath(artist));

        yield return Create(0, "caption", caption, null, picture, other);
        yield return Create(2, "caption", caption, null, card, otherCard);
        yield return Create(3, "caption", null, image, candidates.Caption(concept, artist), candidates.Caption(concept, artist.Other()));
        yield return Create(4, "redrawn", null, image, other, picture);

        // Which picture is right hangs on both, as in an exclusive or: no sum of an image's and a text's embedding can express it.
        yield return Create(7, "toggle", EmojiPhrases.OtherArtist, image, other, picture);
        yield return Create(8, "toggle", EmojiPhrases.OtherArtist, image, otherCard, card);

        DrawnQuery Create(int task, string operation, string? text, string? queryImage, int positive, int negative) =>
            new(task, operation, splits.Of(concept), cluster, text, queryImage, [positive], [negative]);
    }

    private IEnumerable<DrawnQuery> Keywords(EmojiConcept concept, string cluster, EmojiConcept? sibling)
    {
        var split = splits.Of(concept);
        // A keyword may be a word that is held out with another emoji.
        var tags = concept.Tags.Where(tag => split == ConceptSplit.Unseen || !splits.IsHeldOut(tag)).ToList();
        if (tags.Count == 0) yield break;

        var text = string.Join(", ", EmojiPhrases.Look(concept.Traits) is { } look ? tags.Append(look) : tags);
        yield return new DrawnQuery(1, "keywords", split, cluster, text, null, [candidates.Name(concept)], sibling is null ? [] : [candidates.Name(sibling)]);
    }
}
