using System.Globalization;

namespace JointFusion.Benchmarks;

/// <summary>Durations of one thing measured several times.</summary>
internal static class Samples
{
    public static double Median(IReadOnlyCollection<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Such as <c>13.2 [12.9..15.0]</c>, in milliseconds.</summary>
    public static string Spread(IReadOnlyCollection<double> seconds) => string.Create(
        CultureInfo.InvariantCulture, $"{1e3 * Median(seconds):0.###} [{1e3 * seconds.Min():0.###}..{1e3 * seconds.Max():0.###}]");
}
