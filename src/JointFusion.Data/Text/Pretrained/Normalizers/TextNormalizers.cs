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
            default:
                throw kind.Unsupported("the normalizer");
        }
    }
}
