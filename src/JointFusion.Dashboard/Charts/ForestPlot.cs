using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>Geometry of a forest plot: a row a label, in it a marker and an interval for each comparison, around a line at zero.</summary>
public sealed record ForestPlot
{
    private const int LabelWidth = 185, Right = 26, Top = 26, Bottom = 34, MarkerGap = 18, RowPadding = 12;

    public int Width { get; }
    public double Height { get; }

    /// <summary>In percentage points.</summary>
    public LinearScale X { get; }

    public ImmutableArray<ForestRow> Rows { get; }

    public ForestPlot(IReadOnlyList<ForestGroup> groups, int width = 720)
    {
        Width = width;
        var entries = groups.SelectMany(group => group.Entries).ToList();
        X = LinearScale.Nice(
            Math.Min(0, entries.Select(e => e.Low).DefaultIfEmpty(-1).Min()),
            Math.Max(0, entries.Select(e => e.High).DefaultIfEmpty(1).Max()),
            LabelWidth, width - Right, 6);
        var top = (double)Top;
        var rows = ImmutableArray.CreateBuilder<ForestRow>(groups.Count);
        foreach (var group in groups)
        {
            var height = group.Entries.Length * MarkerGap + RowPadding;
            rows.Add(new ForestRow(group.Label, top, height, [.. group.Entries.Select((entry, i) => Mark(entry, top, i))]));
            top += height;
        }

        Rows = rows.MoveToImmutable();
        Height = top + Bottom;
    }

    /// <summary>One entry of each comparison, for a legend.</summary>
    public IEnumerable<ForestEntry> Keys => Rows.SelectMany(row => row.Marks).Select(mark => mark.Entry).DistinctBy(entry => entry.Name);

    /// <summary>In words, for who cannot see it.</summary>
    public string Description => "Early minus late fusion in percentage points, with 95% intervals. " + string.Join(" ",
        Rows.SelectMany(row => row.Marks.Select(m => $"{row.Label}, {m.Entry.Name}: {m.Entry.Value:+0.0;−0.0} ({m.Entry.Low:+0.0;−0.0} to {m.Entry.High:+0.0;−0.0}).")));

    public double PlotTop => Top;
    public double PlotBottom => Height - Bottom;

    private ForestMark Mark(ForestEntry entry, double top, int index) =>
        new(entry, X.At(entry.Value), X.At(entry.Low), X.At(entry.High), top + RowPadding / 2.0 + (index + 0.5) * MarkerGap);
}

/// <summary>What is plotted in one row.</summary>
public sealed record ForestGroup(string Label, ImmutableArray<ForestEntry> Entries);

/// <param name="Kind">Picks colour and shape: score, feature or isolated.</param>
/// <param name="IsHollow">Tells a second comparison of the same kind from the first.</param>
public sealed record ForestEntry(string Name, string Kind, double Value, double Low, double High, bool IsHollow = false)
{
    /// <summary>The style sheet's classes of its marker.</summary>
    internal string Marker => IsHollow ? "marker hollow" : "marker";

    /// <summary>Its marker as an SVG path around a place.</summary>
    internal string Shape(double x, double y) => Kind switch
    {
        "score" => $"M{x - 4.5:0.#},{y - 4.5:0.#}h9v9h-9z",
        "isolated" => $"M{x:0.#},{y - 6:0.#}l6,11h-12z",
        _ => $"M{x:0.#},{y - 6:0.#}l6,6l-6,6l-6,-6z",
    };
}

public sealed record ForestRow(string Label, double Top, double Height, ImmutableArray<ForestMark> Marks);

/// <summary>A marker at (<paramref name="X"/>, <paramref name="Y"/>) with its interval from <paramref name="Low"/> to <paramref name="High"/>, in pixels.</summary>
public sealed record ForestMark(ForestEntry Entry, double X, double Low, double High, double Y);
