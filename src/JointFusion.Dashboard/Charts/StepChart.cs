using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>Geometry of a chart of some figure by step: every coordinate, nothing drawn.</summary>
public sealed record StepChart
{
    public const int PointsPerLine = 400;
    private const int Left = 44, Right = 12, Top = 14, Bottom = 30;
    private const double SmoothingMemory = 10;

    /// <summary>Of a stage's name: from its line, of a letter at most, of a row.</summary>
    private const double NameIndent = 5, NameWidth = 7, NameHeight = 13;

    public int Width { get; }
    public int Height { get; }
    public LinearScale X { get; }
    public LinearScale Y { get; }
    public ImmutableArray<StepLine> Lines { get; }
    public ImmutableArray<PlacedStage> Stages { get; }

    /// <param name="totalSteps">The x axis reaches at least to here, so that a live chart does not rescale at each step.</param>
    public StepChart(IReadOnlyList<StepSeries> series, IReadOnlyList<StageMark> stages, int totalSteps, int width = 720, int height = 300)
    {
        (Width, Height) = (width, height);
        // What is not finite has no place on a scale: a step without the figure, or the loss that ended its run.
        var finite = series.Select(s => s with { Points = [.. s.Points.Where(p => double.IsFinite(p.Y))] }).ToList();
        var all = finite.SelectMany(s => s.Points).ToList();
        X = new LinearScale(1, Math.Max(2, Math.Max(totalSteps, all.Select(p => p.X).DefaultIfEmpty(2).Max())), Left, width - Right);
        Y = LinearScale.Nice(
            Math.Min(0, all.Select(p => p.Y).DefaultIfEmpty(0).Min()), all.Select(p => p.Y).DefaultIfEmpty(1).Max(), height - Bottom, Top, 5);
        Lines = [.. finite.Select(Line)];
        Stages = [.. Placed(stages)];
    }

    public double PlotLeft => Left;
    public double PlotRight => Width - Right;
    public double PlotTop => Top;
    public double PlotBottom => Height - Bottom;

    /// <summary>Each name in the first row where it does not run into one before it.</summary>
    private IEnumerable<PlacedStage> Placed(IReadOnlyList<StageMark> stages)
    {
        var ends = new List<double>();
        foreach (var stage in stages)
        {
            var x = X.At(stage.FirstStep);
            var row = ends.FindIndex(end => end <= x);
            if (row < 0)
                (row, ends) = (ends.Count, [.. ends, x]);
            ends[row] = x + NameIndent + (stage.Name.Length * NameWidth);
            yield return new PlacedStage(stage.Name, x, x + NameIndent, Top + ((row + 1) * NameHeight) - 3);
        }
    }

    private StepLine Line(StepSeries series)
    {
        var smooth = Curves.Smooth(series.Points, SmoothingMemory);
        return new StepLine(
            series.Run,
            series.Fusion,
            Curves.Path(Curves.Downsample(series.Points, PointsPerLine), X, Y),
            Curves.Path(Curves.Downsample(smooth, PointsPerLine), X, Y),
            smooth.IsEmpty ? null : smooth[^1]);
    }
}

/// <summary>One run's figures by step, ascending.</summary>
public sealed record StepSeries(string Run, string Fusion, ImmutableArray<CurvePoint> Points);

/// <param name="Raw">SVG path.</param>
/// <param name="Smooth">SVG path of the moving average.</param>
/// <param name="Last">Of the moving average; null before the first step.</param>
public sealed record StepLine(string Run, string Fusion, string Raw, string Smooth, CurvePoint? Last);

/// <param name="FirstStep">From 1, counted over the whole run.</param>
public sealed record StageMark(string Name, int FirstStep);

/// <param name="X">Of its line.</param>
/// <param name="NameX">Where its name begins.</param>
/// <param name="NameY">Of the name's foot.</param>
public sealed record PlacedStage(string Name, double X, double NameX, double NameY);
