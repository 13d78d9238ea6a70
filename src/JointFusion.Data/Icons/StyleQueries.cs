namespace JointFusion.Data;

/// <summary>Queries about one icon: its caption, its other drawings.</summary>
internal sealed class StyleQueries(IconCandidates candidates, ConceptSplits splits)
{
    public IEnumerable<DrawnQuery> Of(IconConcept concept) => IconConcept.Styles.SelectMany(style => Of(concept, style));

    private IEnumerable<DrawnQuery> Of(IconConcept concept, IconView style)
    {
        var (picture, other) = (candidates.Picture(concept, style), candidates.Picture(concept, style.Other()));
        var (card, otherCard) = (candidates.Card(concept, style), candidates.Card(concept, style.Other()));
        var (caption, image) = (concept.Caption(style), concept.ImagePath(style));

        yield return Create(0, "caption", caption, null, picture, other);
        yield return Create(2, "caption", caption, null, card, otherCard);
        yield return Create(3, "caption", null, image, candidates.Caption(concept, style), candidates.Caption(concept, style.Other()));
        if (concept.ImagePath(style.Large()) is { } large) yield return Create(4, "redrawn", null, large, picture, other);

        // Which picture is right hangs on both, as in an exclusive or: no sum of an image's and a text's embedding can express it.
        yield return Create(7, "toggle", IconPhrases.OtherStyle, image, other, picture);
        yield return Create(8, "toggle", IconPhrases.OtherStyle, image, otherCard, card);
        if (concept.ImagePath(IconView.Color) is not null)
        {
            yield return Create(7, "colour", IconPhrases.InColor, image, candidates.Picture(concept, IconView.Color), picture);
        }

        DrawnQuery Create(int task, string operation, string? text, string? queryImage, int positive, int negative) =>
            new(task, operation, splits.Of(concept), concept.Name, text, queryImage, [positive], [negative]);
    }
}
