namespace JointFusion.Data;

/// <summary>What an encoder is to be given: a text, a picture, or both.</summary>
/// <param name="ImagePath">Relative to the data set's root.</param>
public readonly record struct ItemRef(string? Text, string? ImagePath)
{
    /// <summary>Candidates carry no instruction.</summary>
    public static ItemRef Of(Candidate candidate) => new(candidate.Text, candidate.ImagePath);

    /// <param name="instruction">Index into the query's instructions, put before its text; -1 for none.</param>
    public static ItemRef Of(Query query, int instruction)
    {
        if (instruction < 0) return new ItemRef(query.Text, query.ImagePath);

        var prompt = query.Instructions[instruction];
        return new ItemRef(query.Text is null ? prompt : $"{prompt} {query.Text}", query.ImagePath);
    }
}
