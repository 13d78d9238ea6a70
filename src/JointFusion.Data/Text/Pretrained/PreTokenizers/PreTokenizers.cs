using System.Text.RegularExpressions;

namespace JointFusion.Data;

/// <summary>Reads <c>pre_tokenizer</c> of a tokenizer.json.</summary>
internal static partial class PreTokenizers
{
    public static IPreTokenizer Read(JsonPlace place)
    {
        var kind = place.Get("type");
        switch (kind.Text())
        {
            case "Sequence":
                place.RequireOnly("type", "pretokenizers");
                return new PreTokenizerSequence([.. place.Get("pretokenizers").Items().Select(Read)]);
            case "Split":
                place.RequireOnly("type", "pattern", "behavior", "invert");
                return new SplitPreTokenizer(TextPattern.Read(place.Get("pattern")), Behavior(place.Get("behavior")), place.Flag("invert", false));
            case "WhitespaceSplit":
                place.RequireOnly("type");
                return new SplitPreTokenizer(TextPattern.OfRegex(Spaces()), SplitBehavior.Removed, invert: false);
            case "ByteLevel":
                place.RequireOnly("type", "add_prefix_space", "trim_offsets", "use_regex");
                return new ByteLevelPreTokenizer(place.Flag("add_prefix_space", true), place.Flag("use_regex", true));
            case "Metaspace":
                return Metaspace(place);
            default:
                throw kind.Unsupported("the pre-tokenizer");
        }
    }

    private static MetaspacePreTokenizer Metaspace(JsonPlace place)
    {
        place.RequireOnly("type", "replacement", "str_rep", "prepend_scheme", "add_prefix_space", "split");
        var replacement = place.Get("replacement");
        if (replacement.Text().Length != 1) throw replacement.Unsupported("more than one character");
        if (place.Find("str_rep") is { } written && written.Text() != replacement.Text()) throw written.Unsupported("another text than the replacement");
        var prefixes = place.Flag("add_prefix_space", true); // What the scheme was before there were three.
        if (place.Find("prepend_scheme") is not { } scheme)
            return new MetaspacePreTokenizer(replacement.Text()[0], prefixes ? PrependScheme.Always : PrependScheme.Never, place.Flag("split", true));
        var prepend = scheme.Text() switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => throw scheme.Unsupported("the scheme"),
        };
        return new MetaspacePreTokenizer(replacement.Text()[0], prepend, place.Flag("split", true));
    }

    private static SplitBehavior Behavior(JsonPlace place) => place.Text() switch
    {
        "Isolated" => SplitBehavior.Isolated,
        "Removed" or "removed" => SplitBehavior.Removed,
        "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
        "MergedWithNext" => SplitBehavior.MergedWithNext,
        "Contiguous" => SplitBehavior.Contiguous,
        _ => throw place.Unsupported("the behaviour"),
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
