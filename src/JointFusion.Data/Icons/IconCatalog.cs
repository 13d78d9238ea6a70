using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Chooses the concepts and their pictures so that no two pictures of the set have equal pixels.</summary>
internal static class IconCatalog
{
    private const int BaseSize = 20;
    private static readonly ImmutableArray<int> LargeSizes = [48, 32, 28, 24];

    /// <summary>Ordered by name.</summary>
    public static ImmutableArray<IconConcept> Build(
        IReadOnlyList<IconDrawing> drawings, IProgress<DataProgress>? progress, CancellationToken cancellation)
    {
        var views = Views(drawings);
        var pictures = SvgRenderer.Render([.. views.Select(view => new SvgDrawing(view.Drawing.Size, view.Drawing.Svg))], progress, cancellation);
        var drawn = views
            .Zip(pictures, (view, picture) => (view.Drawing.Name, view.View, Picture: picture))
            .GroupBy(entry => entry.Name, StringComparer.Ordinal)
            // Of names for one drawing the shortest stays: it is the most general.
            .OrderBy(group => group.Key.Length).ThenBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (Name: group.Key, Views: group.ToDictionary(entry => entry.View, entry => entry.Picture)))
            .ToList();
        return [.. Distinct(drawn).OrderBy(concept => concept.Name, StringComparer.Ordinal)];
    }

    private static List<(IconDrawing Drawing, IconView View)> Views(IReadOnlyList<IconDrawing> drawings)
    {
        var all = drawings.ToDictionary(drawing => (drawing.Name, drawing.Style, drawing.Size));
        var views = new List<(IconDrawing, IconView)>();
        foreach (var name in drawings.Select(drawing => drawing.Name).Distinct(StringComparer.Ordinal))
        {
            if (!all.TryGetValue((name, IconStyle.Regular, BaseSize), out var outline)) continue;
            if (!all.TryGetValue((name, IconStyle.Filled, BaseSize), out var solid)) continue;

            views.AddRange([(outline, IconView.Outline), (solid, IconView.Solid)]);
            if (Larger(IconStyle.Regular) is { } large) views.Add((large, IconView.OutlineLarge));
            if (Larger(IconStyle.Filled) is { } solidLarge) views.Add((solidLarge, IconView.SolidLarge));
            if (all.TryGetValue((name, IconStyle.Color, BaseSize), out var color)) views.Add((color, IconView.Color));

            IconDrawing? Larger(IconStyle style) => LargeSizes.Select(size => all.GetValueOrDefault((name, style, size))).FirstOrDefault(found => found is not null);
        }

        return views;
    }

    // Two rounds: a second picture of one name must not cost another name its first.
    private static IEnumerable<IconConcept> Distinct(List<(string Name, Dictionary<IconView, DrawnPicture> Views)> drawn)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var kept = drawn.Where(name => TakeStyles(name.Views, taken)).ToList();
        foreach (var (name, views) in kept)
        {
            var pictures = views
                .OrderBy(view => view.Key)
                .Where(view => IconConcept.Styles.Contains(view.Key) || taken.Add(view.Value.PixelHash))
                .ToImmutableSortedDictionary();
            yield return new IconConcept(name, IconName.Words(name), pictures);
        }
    }

    private static bool TakeStyles(Dictionary<IconView, DrawnPicture> views, HashSet<string> taken)
    {
        var (outline, solid) = (views[IconView.Outline].PixelHash, views[IconView.Solid].PixelHash);
        if (outline == solid || taken.Contains(outline) || taken.Contains(solid)) return false;

        return taken.Add(outline) && taken.Add(solid);
    }
}
