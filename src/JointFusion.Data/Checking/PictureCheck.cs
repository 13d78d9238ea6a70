namespace JointFusion.Data;

/// <summary>Whether every picture named is there and, on request, can be decoded.</summary>
internal sealed class PictureCheck(MbeirLayout layout, FaultList faults)
{
    // Whatever can be decoded can be decoded at this size.
    private const int Side = 16;
    private readonly IImageDecoder decoder = new NetVipsDecoder();

    public void Check(CandidatePools pools, IReadOnlyList<Query> queries, bool decode)
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

    private string? FaultOf(string path, bool decode)
    {
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
