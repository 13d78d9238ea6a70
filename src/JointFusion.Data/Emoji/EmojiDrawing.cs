using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>An emoji that both artists have drawn.</summary>
/// <param name="Hexcode">Its code points, such as <c>1F469-1F3FD-200D-1F692</c>.</param>
/// <param name="Label">Its English name in Unicode's CLDR, such as <c>woman firefighter: medium skin tone</c>.</param>
/// <param name="Tags">English keywords; a skin tone's are those of the emoji without one.</param>
internal sealed record EmojiDrawing(string Hexcode, string Label, ImmutableArray<string> Tags, SvgDrawing Noto, SvgDrawing Fluent);

/// <summary>Whose drawing.</summary>
internal enum EmojiArtist { Noto, Fluent }

internal static class EmojiArtists
{
    public static ImmutableArray<EmojiArtist> All { get; } = [EmojiArtist.Noto, EmojiArtist.Fluent];

    public static EmojiArtist Other(this EmojiArtist artist) => artist == EmojiArtist.Noto ? EmojiArtist.Fluent : EmojiArtist.Noto;

    /// <summary>In captions and paths.</summary>
    public static string Word(this EmojiArtist artist) => artist == EmojiArtist.Noto ? "noto" : "fluent";
}
