using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>Geometry of one of a page's small charts by step: every coordinate, nothing drawn.</summary>
/// <remarks>
/// Drawn on the server as SVG, so that it is there with the page's first bytes, without a script. Each line's figures can be read back from its path by the
/// two scales, which is what the read-out under the pointer does.
/// </remarks>
public sealed record Plot
{
    private const int Left = 46, Right = 12, Top = 10, Bottom = 22;
    private const double SmoothingMemory = 10;

    public string Title { get; }

    /// <summary>Of the values; empty: they have none.</summary>
    public string Unit { get; }

    public int Width { get; }
    public int Height { get; }
    public LinearScale X { get; }
    public LinearScale Y { get; }
    public ImmutableArray<PlotLine> Lines { get; }
    public ImmutableArray<StageMark> Stages { get; }

    /// <param name="totalSteps">The x axis reaches at least to here, so that a live chart does not rescale at each step.</param>
    public Plot(string title, string unit, IReadOnlyList<PlotSeries> series, IReadOnlyList<StageMark> stages, int totalSteps, int width = 420, int height = 190)
    {
        (Title, Unit, Width, Height) = (title, unit, width, height);
        // What is not finite has no place on a scale: a step without the figure, or the loss that ended its run.
        var stacked = Stacked([.. series.Select(s => s with { Points = [.. s.Points.Where(p => double.IsFinite(p.Y))] })]);
        var all = stacked.SelectMany(s => s.Points).ToList();
        X = new LinearScale(1, Math.Max(2, Math.Max(totalSteps, all.Select(p => p.X).DefaultIfEmpty(2).Max())), Left, width - Right);
        Y = Scale(all.Select(p => p.Y).ToList(), series.Any(s => s.Style == PlotStyle.Stacked), height - Bottom);
        Lines = [.. stacked.Select((line, index) => Line(line, index > 0 ? stacked[index - 1].Points : []))];
        Stages = [.. stages];
    }

    public double PlotLeft => Left;
    public double PlotRight => Width - Right;
    public double PlotTop => Top;
    public double PlotBottom => Height - Bottom;

    /// <summary>More than the eye could tell apart would only have to be sent.</summary>
    private int PointsPerLine => Math.Min(400, Width * 4 / 7);

    /// <summary>Room for the values, zero included where heights are compared; a constant gets some around it.</summary>
    private static LinearScale Scale(List<double> values, bool fromZero, int bottom)
    {
        var (low, high) = values.Count == 0 ? (0, 1) : (fromZero ? 0 : values.Min(), values.Max());
        if (high - low <= 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high)))
            (low, high) = low == 0 ? (0, 1) : (low - (Math.Abs(low) / 2), low + (Math.Abs(low) / 2));
        var unit = Math.Pow(10, Math.Floor(Math.Log10(high - low)));
        var nice = LinearScale.Nice(low / unit, high / unit, bottom, Top, 4); // It takes spans below a billionth for constants.
        return nice with { DomainLow = nice.DomainLow * unit, DomainHigh = nice.DomainHigh * unit };
    }

    /// <summary>From heights to upper edges.</summary>
    private static ImmutableArray<PlotSeries> Stacked(ImmutableArray<PlotSeries> series)
    {
        var edges = ImmutableArray.CreateBuilder<PlotSeries>(series.Length);
        foreach (var layer in series)
        {
            edges.Add(layer.Style != PlotStyle.Stacked || edges.Count == 0
                ? layer
                : layer with { Points = [.. layer.Points.Zip(edges[^1].Points, (height, below) => height with { Y = height.Y + below.Y })] });
        }
        return edges.MoveToImmutable();
    }

    private PlotLine Line(PlotSeries series, ImmutableArray<CurvePoint> below)
    {
        CurvePoint? last = series.Points.IsEmpty ? null : series.Points[^1];
        switch (series.Style)
        {
            case PlotStyle.Noisy:
                var smooth = Curves.Smooth(series.Points, SmoothingMemory);
                return new PlotLine(series.Name, series.Class, series.Style, Path(smooth), Path(series.Points), smooth.IsEmpty ? null : smooth[^1]);
            case PlotStyle.Stacked:
                var edge = Path(series.Points);
                IEnumerable<CurvePoint> floor = below.IsEmpty ? series.Points.Select(point => point with { Y = 0 }) : below;
                var back = Curves.Path([.. floor.Reverse()], X, Y, isRead: true);
                return new PlotLine(series.Name, series.Class, series.Style, edge.Length == 0 ? "" : $"{edge}L{back[1..]}Z", null, HeightOf(last, below));
            default:
                return new PlotLine(series.Name, series.Class, series.Style, Path(series.Points), null, last);
        }
    }

    private static CurvePoint? HeightOf(CurvePoint? last, ImmutableArray<CurvePoint> below) =>
        last is { } top && !below.IsEmpty ? top with { Y = top.Y - below[^1].Y } : last;

    private string Path(ImmutableArray<CurvePoint> points) => Curves.Path(Curves.Downsample(points, PointsPerLine), X, Y, isRead: true);
}

/// <param name="Main">SVG path: of the line, of the moving average, or around the layer, its upper edge first.</param>
/// <param name="Raw">SVG path of each value; null: the line has them.</param>
/// <param name="Last">The newest value; null before the first step.</param>
public sealed record PlotLine(string Name, string Class, PlotStyle Style, string Main, string? Raw, CurvePoint? Last);
