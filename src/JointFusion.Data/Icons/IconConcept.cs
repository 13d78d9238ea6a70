using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>An icon's name with all its pictures: the unit that is held out or not.</summary>
/// <param name="Name">In Pascal case, as in the package.</param>
/// <param name="Pictures">Outline and solid always; the others where the package has them and they differ in pixels from every other picture.</param>
internal sealed record IconConcept(string Name, ImmutableArray<string> Words, ImmutableSortedDictionary<IconView, IconPicture> Pictures)
{
    /// <summary>The styles that every concept has.</summary>
    public static ImmutableArray<IconView> Styles { get; } = [IconView.Outline, IconView.Solid];

    public string Text { get; } = string.Join(' ', Words);

    public string Caption(IconView view) => $"{Text}, {view.Word()}";

    /// <summary>Null where there is no such picture.</summary>
    public string? ImagePath(IconView view) => Pictures.ContainsKey(view)
        ? $"{MbeirLayout.Images}/icons_images/{view.ToString().ToLowerInvariant()}/{Name}.png"
        : null;
}

/// <param name="Png">The file's bytes.</param>
/// <param name="PixelHash">Of the decoded RGB: equal drawings have equal hashes whatever their file.</param>
internal sealed record IconPicture(byte[] Png, string PixelHash);
