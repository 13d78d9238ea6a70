using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace JointFusion.Data;

/// <summary>An emoji with the pictures of both artists.</summary>
/// <param name="Name">Its code points, in lower case.</param>
/// <param name="Thing">See <see cref="EmojiSequence"/>.</param>
internal sealed partial record EmojiConcept(
    string Name, ImmutableArray<string> Words, string Thing, EmojiTraits Traits, ImmutableArray<string> Tags, DrawnPicture Noto, DrawnPicture Fluent)
    : DrawnConcept(Name, Words)
{
    public override IEnumerable<(string Path, DrawnPicture Picture)> Files => [(ImagePath(EmojiArtist.Noto), Noto), (ImagePath(EmojiArtist.Fluent), Fluent)];

    public string Caption(EmojiArtist artist) => $"{Text}, {artist.Word()}";

    public string ImagePath(EmojiArtist artist) => $"{MbeirLayout.Images}/emoji_images/{artist.Word()}/{Name}.png";

    public static EmojiConcept Of(EmojiDrawing drawing, DrawnPicture noto, DrawnPicture fluent)
    {
        var (thing, traits) = EmojiSequence.Of(drawing.Hexcode);
        return new(drawing.Hexcode.ToLowerInvariant(), WordsOf(drawing.Label), thing, traits, drawing.Tags, noto, fluent);
    }

    /// <summary>Without marks: <c>woman: dark skin tone, bald</c> gives woman, dark, skin, tone, bald.</summary>
    public static ImmutableArray<string> WordsOf(string label) =>
        [.. Word().Matches(label.ToLowerInvariant().Replace("’", "", StringComparison.Ordinal)).Select(match => match.Value)];

    [GeneratedRegex(@"[\p{L}\p{M}\p{N}]+")]
    private static partial Regex Word();
}
