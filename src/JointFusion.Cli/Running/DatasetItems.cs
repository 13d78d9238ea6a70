using JointFusion.Dashboard;
using JointFusion.Data;

namespace JointFusion.Cli;

/// <summary>The pictures and texts of a data set, for report and pages.</summary>
/// <param name="splits">Where queries are looked up.</param>
internal sealed class DatasetItems(MbeirDataset data, IEnumerable<string> splits) : IItemCatalog
{
    private readonly Dictionary<string, Candidate> candidates = data.Candidates.ToDictionary(candidate => candidate.Did);
    private readonly Dictionary<string, Query> queries = splits.SelectMany(split => data.Queries(split)).ToDictionary(query => query.Id);

    public ItemView? Candidate(string did) =>
        candidates.TryGetValue(did, out var candidate) ? View(candidate.Text, candidate.ImagePath) : null;

    public QueryView? Query(string queryId) => queries.TryGetValue(queryId, out var query)
        ? new QueryView(View(query.Text, query.ImagePath), [.. query.Positives.Select(positive => data.Candidates[positive].Did)])
        : null;

    private ItemView View(string? text, string? imagePath) => new(text, imagePath is null ? null : Picture(imagePath));

    private ItemPicture Picture(string imagePath)
    {
        var type = Path.GetExtension(imagePath).ToUpperInvariant() switch
        {
            ".PNG" => "image/png",
            ".WEBP" => "image/webp",
            _ => "image/jpeg",
        };
        return new ItemPicture(type, File.ReadAllBytes(Path.Combine(data.Root, imagePath)));
    }
}
