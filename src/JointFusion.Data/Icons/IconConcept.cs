using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>An icon's name with all its pictures: the unit that is held out or not.</summary>
/// <param name="Name">In Pascal case, as in the package.</param>
/// <param name="Pictures">Outline and solid always; the others where the package has them and they differ in pixels from every other picture.</param>
internal sealed record IconConcept(string Name, ImmutableArray<string> Words, ImmutableSortedDictionary<IconView, DrawnPicture> Pictures)
    : DrawnConcept(Name, Words)
{
    /// <summary>The styles that every concept has.</summary>
    public static ImmutableArray<IconView> Styles { get; } = [IconView.Outline, IconView.Solid];

    public override IEnumerable<(string Path, DrawnPicture Picture)> Files => Pictures.Select(view => (ImagePath(view.Key)!, view.Value));

    public string Caption(IconView view) => $"{Text}, {view.Word()}";

    /// <summary>Null where there is no such picture.</summary>
    public string? ImagePath(IconView view) => Pictures.ContainsKey(view)
        ? $"{MbeirLayout.Images}/icons_images/{view.ToString().ToLowerInvariant()}/{Name}.png"
        : null;
}
