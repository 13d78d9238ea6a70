using JointFusion.Data;

namespace JointFusion.Retrieval;

/// <summary>One search of an evaluation: a query, and what of it the retriever is given.</summary>
public sealed record EvaluationRequest(Query Query, string Split, string Inputs, ItemRef Item)
{
    /// <summary>All of the query; image or text alone where it has both; pixels: the picture, for the untrained baseline.</summary>
    public const string Whole = "query", ImageAlone = "image", TextAlone = "text", Pixels = "pixels";

    /// <summary>Every request that a query gives rise to. With instructions, the first one is used always, so that scores do not wander.</summary>
    public static IEnumerable<EvaluationRequest> Of(Query query, string split, bool instructions)
    {
        var text = instructions && !query.Instructions.IsEmpty
            ? $"{query.Instructions[0]} {query.Text}".TrimEnd()
            : query.Text;
        yield return new(query, split, Whole, new ItemRef(text, query.ImagePath));
        if (query.Text is null || query.ImagePath is null)
            yield break;
        yield return new(query, split, ImageAlone, new ItemRef(null, query.ImagePath));
        yield return new(query, split, TextAlone, new ItemRef(text, null));
    }
}
