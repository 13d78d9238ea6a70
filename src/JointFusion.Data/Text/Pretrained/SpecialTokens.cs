namespace JointFusion.Data;

/// <summary>The ids around every text; <c>post_processor</c> of a tokenizer.json.</summary>
internal sealed record SpecialTokens(int[] Before, int[] After)
{
    private static readonly SpecialTokens None = new([], []);

    /// <summary>What is said of pairs of texts is passed over: there are none here.</summary>
    public static SpecialTokens Read(JsonPlace place)
    {
        var kind = place.Get("type");
        switch (kind.Text())
        {
            case "ByteLevel": // Corrects offsets alone, which nobody asks for here.
                return None;
            case "TemplateProcessing":
                place.RequireOnly("type", "single", "pair", "special_tokens");
                return Template(place);
            case "RobertaProcessing" or "BertProcessing":
                place.RequireOnly("type", "sep", "cls", "trim_offsets", "add_prefix_space");
                return new SpecialTokens([Id(place.Get("cls"))], [Id(place.Get("sep"))]);
            case "Sequence":
                place.RequireOnly("type", "processors");
                return place.Get("processors").Items().Select(Read)
                    .Aggregate(None, (inner, outer) => new SpecialTokens([.. outer.Before, .. inner.Before], [.. inner.After, .. outer.After]));
            default:
                throw kind.Unsupported("the post-processor");
        }
    }

    private static SpecialTokens Template(JsonPlace place)
    {
        var (before, after, seen) = (new List<int>(), new List<int>(), 0);
        foreach (var item in place.Get("single").Items())
        {
            item.RequireOnly("SpecialToken", "Sequence");
            if (item.Find("SpecialToken") is { } special)
            {
                var name = special.Get("id").Text();
                (seen == 0 ? before : after).AddRange(place.Get("special_tokens").Get(name).Get("ids").Items().Select(id => id.Integer()));
            }
            else if (item.Get("Sequence").Get("id").Text() == "A")
            {
                seen++;
            }
        }

        return seen == 1 ? new SpecialTokens([.. before], [.. after]) : throw place.Get("single").Fault("the text has to occur in it once");
    }

    /// <param name="pair">Text and id.</param>
    private static int Id(JsonPlace pair) => pair.Items().ElementAtOrDefault(1) is { File: not null } id ? id.Integer() : throw pair.Fault("a text and its id are expected");
}
