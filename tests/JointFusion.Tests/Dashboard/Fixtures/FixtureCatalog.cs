using System.Globalization;
using JointFusion.Dashboard;

namespace JointFusion.Tests;

/// <summary>Knows every id of <see cref="FixtureQuery"/>; each picture is a coloured square in a PNG-like shell of SVG.</summary>
internal sealed class FixtureCatalog : IItemCatalog
{
    public ItemView? Candidate(string did) => new(null, Picture(did));

    public QueryView? Query(string queryId) =>
        new(new ItemView($"Put a plus on {queryId}.", Picture(queryId)), [$"wanted:{queryId[(queryId.IndexOf(':') + 1)..]}"]);

    private static ItemPicture Picture(string id)
    {
        var hue = id.Aggregate(7, (sum, letter) => (sum * 31 + letter) % 360);
        var svg = string.Create(CultureInfo.InvariantCulture,
            $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect x='{4 + hue % 7}' y='6' width='18' height='{10 + hue % 12}' rx='3' fill='hsl({hue} 60% 45%)'/></svg>");
        return new ItemPicture("image/svg+xml", System.Text.Encoding.UTF8.GetBytes(svg));
    }
}
