using System.Collections.Immutable;
using System.Text.Json;

namespace JointFusion.Data;

/// <summary>Reads drawings and names out of the three packages.</summary>
internal static class EmojiPackages
{
    private static readonly NpmPackage Noto = new("@iconify-json/noto", "1.2.9", "DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==");
    private static readonly NpmPackage Fluent = new("@iconify-json/fluent-emoji-flat", "1.2.6", "RY47RgPb47fYUiyrA64sIOL0+UU02s29sXpNBbIQRBUlPlfNFTKUmZDERGuxDs/7yNGWqQYvuaSYM1M4fRXlUw==");
    private static readonly NpmPackage Names = new("emojibase-data", "17.0.0", "Yvgb5AWoHViHV/gq1qr5ZAarcBip+B27/ZLRsUJkbgAEaLlZ/fof9g882LTpmEpyhBNEC0m2SEmItljHsTygjA==");

    private const string Presentation = "fe0f";

    public static string Source => $"{Noto} (Apache-2.0), {Fluent} (MIT), {Names} (MIT)";

    /// <summary>In Unicode's order.</summary>
    /// <exception cref="DataException">A package cannot be fetched, or is not laid out as these versions are.</exception>
    public static ImmutableArray<EmojiDrawing> Read(NpmArchives archives)
    {
        var (noto, fluent) = (Drawings(archives.Ensure(Noto)), Drawings(archives.Ensure(Fluent)));
        return
        [
            .. from name in Labels(archives.Ensure(Names))
               let key = Key(name.Hexcode)
               where noto.ContainsKey(key) && fluent.ContainsKey(key)
               select new EmojiDrawing(name.Hexcode, name.Label, name.Tags, noto[key], fluent[key]),
        ];
    }

    /// <summary>By code points. What is hidden was withdrawn by its artist; what is not square would be distorted.</summary>
    private static Dictionary<string, SvgDrawing> Drawings(string archive)
    {
        var set = Parse(archive, "package/icons.json");
        var side = set.GetProperty("width").GetInt32();
        var icons = set.GetProperty("icons");
        return Parse(archive, "package/chars.json").EnumerateObject()
            .Select(entry => (Key: Key(entry.Name), Icon: icons.TryGetProperty(entry.Value.GetString()!, out var icon) ? icon : default))
            .Where(entry => entry.Icon.ValueKind == JsonValueKind.Object)
            .Where(entry => !entry.Icon.TryGetProperty("hidden", out _) && !entry.Icon.TryGetProperty("width", out _) && !entry.Icon.TryGetProperty("height", out _))
            .GroupBy(entry => entry.Key, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => new SvgDrawing(side, group.First().Icon.GetProperty("body").GetString()!), StringComparer.Ordinal);
    }

    private static IEnumerable<(string Hexcode, string Label, ImmutableArray<string> Tags)> Labels(string archive)
    {
        foreach (var emoji in Parse(archive, "package/en/data.json").EnumerateArray())
        {
            if (!emoji.TryGetProperty("group", out _)) continue; // Parts of others, such as a regional indicator.

            ImmutableArray<string> tags = emoji.TryGetProperty("tags", out var listed) ? [.. listed.EnumerateArray().Select(tag => tag.GetString()!)] : [];
            yield return (Text(emoji, "hexcode"), Text(emoji, "label"), tags);
            if (!emoji.TryGetProperty("skins", out var skins)) continue;

            foreach (var skin in skins.EnumerateArray())
            {
                yield return (Text(skin, "hexcode"), Text(skin, "label"), tags);
            }
        }
    }

    /// <summary>The selector of the coloured form is written by some and left out by others.</summary>
    private static string Key(string hexcode) => string.Join('-', hexcode.ToLowerInvariant().Split('-').Where(point => point != Presentation));

    private static string Text(JsonElement emoji, string name) => emoji.GetProperty(name).GetString()!;

    private static JsonElement Parse(string archive, string name) => JsonElement.Parse(TarArchive.Read(archive, name));
}
