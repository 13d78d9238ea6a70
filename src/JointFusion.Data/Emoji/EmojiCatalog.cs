using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Draws the emoji and keeps those that differ from all others, in both artists' pixels and in words.</summary>
internal static class EmojiCatalog
{
    /// <summary>In Unicode's order.</summary>
    public static ImmutableArray<EmojiConcept> Build(IReadOnlyList<EmojiDrawing> drawings, IProgress<DataProgress>? progress, CancellationToken cancellation)
    {
        var pictures = SvgRenderer.Render([.. drawings.Select(drawing => drawing.Noto), .. drawings.Select(drawing => drawing.Fluent)], progress, cancellation);
        var concepts = drawings.Select((drawing, i) => (Order: i, Concept: EmojiConcept.Of(drawing, pictures[i], pictures[drawings.Count + i])));
        var (taken, texts) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        return
        [
            .. concepts
                // Of names for one drawing the shortest stays: it is the most general.
                .OrderBy(entry => entry.Concept.Text.Length).ThenBy(entry => entry.Order)
                .Where(entry => Take(entry.Concept, taken, texts))
                .OrderBy(entry => entry.Order)
                .Select(entry => entry.Concept),
        ];
    }

    private static bool Take(EmojiConcept concept, HashSet<string> taken, HashSet<string> texts)
    {
        var (noto, fluent) = (concept.Noto.PixelHash, concept.Fluent.PixelHash);
        if (noto == fluent || taken.Contains(noto) || taken.Contains(fluent) || !texts.Add(concept.Text)) return false;

        return taken.Add(noto) && taken.Add(fluent);
    }
}
