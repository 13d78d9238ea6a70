using System.Collections.Immutable;
using System.Globalization;

namespace JointFusion.Dashboard;

/// <summary>Geometry of parallel coordinates: an axis a swept key and one for the figure, a line a run through what it was given.</summary>
public sealed record ParallelPlot
{
    public const int Width = 720, Height = 300;
    private const int Side = 64, Top = 40, Bottom = 24;

    /// <summary>A range is drawn by its logarithms from this ratio of its ends on.</summary>
    private const double WorthLogarithms = 20;

    private const string Missing = "–";

    public ImmutableArray<ParallelAxis> Axes { get; }
    public ImmutableArray<ParallelLine> Lines { get; }

    /// <param name="keys">Of the axes; one whose runs all have the same value is left out.</param>
    /// <param name="figure">Name of the last axis.</param>
    public ParallelPlot(IReadOnlyList<SweepRow> rows, IEnumerable<string> keys, string figure)
    {
        var ranked = rows.Where(row => row.Value is not null).ToList();
        var varied = keys.Where(key => ranked.Select(row => row.Values.GetValueOrDefault(key)).Distinct().Skip(1).Any()).ToList();
        var gap = varied.Count == 0 ? 0 : (Width - 2.0 * Side) / varied.Count;
        var axes = varied.Select((key, i) => Axis(key, Side + i * gap, [.. ranked.Select(row => row.Values.GetValueOrDefault(key, Missing))])).ToList();
        axes.Add(FigureAxis(figure, [.. ranked.Select(row => row.Value!.Value)]));
        Axes = [.. axes];
        Lines = [.. ranked.OrderByDescending(row => row.Rank).Select(row => new ParallelLine(row, Path(row)))];

        string Path(SweepRow row) => "M" + string.Join('L', Axes.Select(axis => $"{Marks.At(axis.X)},{Marks.At(axis.Key is null ? axis.AtNumber(row.Value!.Value) : axis.At(row.Values.GetValueOrDefault(axis.Key, Missing)))}"));
    }

    public static double PlotTop => Top;

    public static double PlotBottom => Height - Bottom;

    private static ParallelAxis FigureAxis(string figure, ImmutableArray<double> values)
    {
        var scale = LinearScale.Nice(values.DefaultIfEmpty(0).Min() * 100, values.DefaultIfEmpty(1).Max() * 100, PlotBottom, PlotTop, 5);
        return new ParallelAxis(figure, null, Width - Side, value => scale.At(value * 100), [.. scale.Ticks(5).Select(tick => new ParallelTick(tick.ToString("0.##"), scale.At(tick)))], []);
    }

    private static ParallelAxis Axis(string key, double x, ImmutableArray<string> values)
    {
        var distinct = values.Distinct().ToList();
        var numbers = distinct.Select(Number).ToList();
        if (numbers.Exists(number => number is null) || distinct.Count <= 2)
        {
            var places = distinct.OrderBy(text => Number(text) ?? double.MaxValue).ThenBy(text => text, StringComparer.Ordinal)
                .Select((text, i) => (text, Y: PlotBottom - (PlotBottom - PlotTop) * (distinct.Count == 1 ? 0.5 : (double)i / (distinct.Count - 1))))
                .ToImmutableDictionary(place => place.text, place => place.Y);
            return new ParallelAxis(SweepRow.LastPart(key), key, x, _ => PlotBottom, [.. places.Select(place => new ParallelTick(place.Key, place.Value))], places);
        }
        var (low, high) = (numbers.Min()!.Value, numbers.Max()!.Value);
        var isLogarithmic = low > 0 && high / low >= WorthLogarithms;
        var scale = isLogarithmic ? new LinearScale(Math.Log10(low), Math.Log10(high), PlotBottom, PlotTop) : new LinearScale(low, high, PlotBottom, PlotTop);
        double At(double value) => scale.At(isLogarithmic ? Math.Log10(value) : value);
        var ticks = numbers.Count <= 6 ? numbers.OfType<double>().Order() : isLogarithmic ? [low, Math.Sqrt(low * high), high] : (IEnumerable<double>)[low, (low + high) / 2, high];
        return new ParallelAxis(SweepRow.LastPart(key), key, x, At, [.. ticks.Select(tick => new ParallelTick(Written(tick), At(tick)))], []);
    }

    private static string Written(double value) => value is 0 || Math.Abs(value) is >= 0.01 and < 10_000 ? value.ToString("0.####") : value.ToString("0.##e0");

    internal static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <param name="Key">The whole key path; null: the figure's.</param>
/// <param name="AtNumber">Where a number is on it.</param>
/// <param name="Places">Where its words are; empty for an axis of numbers.</param>
public sealed record ParallelAxis(
    string Name, string? Key, double X, Func<double, double> AtNumber, ImmutableArray<ParallelTick> Ticks, ImmutableDictionary<string, double> Places)
{
    public double At(string value) => Places.TryGetValue(value, out var place) ? place : AtNumber(ParallelPlot.Number(value) ?? 0);
}

public sealed record ParallelTick(string Text, double Y);

/// <param name="Path">SVG.</param>
public sealed record ParallelLine(SweepRow Row, string Path);
