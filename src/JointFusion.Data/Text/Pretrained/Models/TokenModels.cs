namespace JointFusion.Data;

/// <summary>Reads <c>model</c> of a tokenizer.json.</summary>
internal static class TokenModels
{
    public static ITokenModel Read(JsonPlace place)
    {
        // Files of the library's first years do not tell the kind; what has merges pairs bytes.
        var kind = place.Find("type");
        return (kind?.Text() ?? (place.Find("merges") is null ? "" : "BPE")) switch
        {
            "BPE" => BytePairModel.Read(place),
            "Unigram" => UnigramModel.Read(place),
            _ => throw (kind ?? place).Unsupported("the model"),
        };
    }
}
