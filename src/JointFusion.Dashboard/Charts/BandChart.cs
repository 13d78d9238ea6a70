using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>Geometry of curves with bands around them, by step.</summary>
public sealed record BandChart
{
    private const int Left = 44, Right = 12, Top = 14, Bottom = 30;

    public int Width { get; }
    public int Height { get; }
    public LinearScale X { get; }
    public LinearScale Y { get; }
    public ImmutableArray<DrawnBand> Bands { get; }

    /// <param name="bands">At least one, of at least two points each.</param>
    public BandChart(IReadOnlyList<StudyBand> bands, int width = 720, int height = 300)
    {
        (Width, Height) = (width, height);
        X = new LinearScale(1, bands.Max(band => band.Mean[^1].X), Left, width - Right);
        Y = LinearScale.Nice(0, bands.Max(band => band.High.Max(point => point.Y)), height - Bottom, Top, 5);
        Bands = [.. bands.Select(Draw)];
    }

    public double PlotLeft => Left;
    public double PlotRight => Width - Right;
    public double PlotBottom => Height - Bottom;

    private DrawnBand Draw(StudyBand band) => new(
        band.Arm,
        Curves.Path(band.Mean, X, Y),
        Curves.Path(band.High, X, Y) + Curves.Path([.. band.Low.Reverse()], X, Y).Replace('M', 'L') + "Z",
        band.Mean[^1].Y);
}

/// <param name="Mean">SVG path.</param>
/// <param name="Area">SVG path around the band.</param>
public sealed record DrawnBand(string Arm, string Mean, string Area, double Last);
