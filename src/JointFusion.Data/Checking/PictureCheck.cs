namespace JointFusion.Data;

/// <summary>Whether every picture named is there and, on request, can be decoded.</summary>
internal sealed class PictureCheck
{
    // Whatever can be decoded can be decoded at this size.
    private const int Side = 16;
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly IImageDecoder decoder = new NetVipsDecoder();

    public void Check(MbeirLayout layout, CandidatePools pools, IReadOnlyList<Query> queries, bool decode, FaultList faults)
    {
        var users = queries.Select(query => (Path: query.ImagePath, Item: $"qid {query.Id}"))
            .Concat(pools.Candidates.Select(candidate => (Path: candidate.ImagePath, Item: $"did {candidate.Did}")));
        foreach (var (path, item) in users.Where(user => user.Path is not null).DistinctBy(user => user.Path))
        {
            if (FaultOf(layout.Image(path!), decode) is { } fault)
            {
                faults.Add(new DataFault(layout.Image(path!), 0, $"{fault} (named by {item})"));
            }
        }
    }

    /// <returns>Null: there is none, or it was told of this picture before.</returns>
    public string? FaultOf(string path, bool decode)
    {
        if (!seen.Add(path)) return null;
        if (!File.Exists(path)) return "the picture is missing";
        if (!decode) return null;

        try
        {
            decoder.Decode(path, Side);
            return null;
        }
        catch (DataException error)
        {
            return $"the picture cannot be decoded: {error.InnerException?.Message.Trim()}";
        }
    }
}
