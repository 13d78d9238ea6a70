using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>One line of a <see cref="Plot"/>, by step ascending.</summary>
/// <param name="Class">Of the style sheet: its colour.</param>
public sealed record PlotSeries(string Name, string Class, ImmutableArray<CurvePoint> Points, PlotStyle Style = PlotStyle.Plain);

public enum PlotStyle
{
    Plain,

    /// <summary>Each value faint, the moving average over them.</summary>
    Noisy,

    /// <summary>Few values: each is marked.</summary>
    Marked,

    /// <summary>Lies on the series before it: its values are heights.</summary>
    Stacked,
}
