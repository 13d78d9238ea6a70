namespace JointFusion.Data;

/// <summary>Reads <c>normalizer</c> of a tokenizer.json.</summary>
internal static class TextNormalizers
{
    public static ITextNormalizer Read(JsonPlace place)
    {
        var kind = place.Get("type");
        switch (kind.Text())
        {
            case "Sequence":
                place.RequireOnly("type", "normalizers");
                return new NormalizerSequence([.. place.Get("normalizers").Items().Select(Read)]);
            case "NFC":
                place.RequireOnly("type");
                return new NfcNormalizer();
            case "Lowercase":
                place.RequireOnly("type");
                return new LowercaseNormalizer();
            case "Replace":
                place.RequireOnly("type", "pattern", "content");
                return new ReplaceNormalizer(TextPattern.Read(place.Get("pattern")), place.Get("content").Text());
            case "Prepend":
                place.RequireOnly("type", "prepend");
                return new PrependNormalizer(place.Get("prepend").Text());
            case "Strip":
                place.RequireOnly("type", "strip_left", "strip_right");
                return new StripNormalizer(place.Get("strip_left").Flag(), place.Get("strip_right").Flag());
            case "Precompiled":
                place.RequireOnly("type", "precompiled_charsmap");
                return Precompiled(place.Get("precompiled_charsmap"));
            default:
                throw kind.Unsupported("the normalizer");
        }
    }

    private static PrecompiledNormalizer Precompiled(JsonPlace place)
    {
        var text = place.Text();
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && PrecompiledNormalizer.Create(bytes.AsSpan(0, length)) is { } normalizer
            ? normalizer
            : throw place.Fault("is no map of characters as SentencePiece compiles them");
    }
}
