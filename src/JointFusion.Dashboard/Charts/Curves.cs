using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace JointFusion.Dashboard;

/// <summary>What is done to a series on its way to the page.</summary>
public static class Curves
{
    /// <summary>Exponential moving average without the usual pull towards its start (divided by the weight seen so far).</summary>
    /// <param name="memory">Steps over which a value fades to about a third.</param>
    public static ImmutableArray<CurvePoint> Smooth(IReadOnlyList<CurvePoint> points, double memory)
    {
        var keep = Math.Exp(-1 / memory);
        var smooth = ImmutableArray.CreateBuilder<CurvePoint>(points.Count);
        var (sum, weight) = (0.0, 0.0);
        foreach (var point in points)
        {
            (sum, weight) = (sum * keep + point.Y, weight * keep + 1);
            smooth.Add(point with { Y = sum / weight });
        }

        return smooth.MoveToImmutable();
    }

    /// <summary>
    /// At most <paramref name="limit"/> of the points, peaks kept: of each bucket the one that spans the largest triangle with its
    /// neighbours (Steinarsson 2013, "Downsampling Time Series for Visual Representation"). First and last always stay.
    /// </summary>
    public static ImmutableArray<CurvePoint> Downsample(IReadOnlyList<CurvePoint> points, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 3);
        if (points.Count <= limit)
            return [.. points];
        var kept = ImmutableArray.CreateBuilder<CurvePoint>(limit);
        kept.Add(points[0]);
        for (var bucket = 0; bucket < limit - 2; bucket++)
        {
            var next = Mean(points, Start(bucket + 1), Start(bucket + 2));
            kept.Add(LargestTriangle(points, Start(bucket), Start(bucket + 1), kept[^1], next));
        }

        kept.Add(points[^1]);
        return kept.MoveToImmutable();

        int Start(int bucket) => Math.Min(points.Count - 1, 1 + (int)((long)bucket * (points.Count - 2) / (limit - 2)));
    }

    /// <summary>An SVG path through the points, to a tenth of a pixel; or to a hundredth upwards, where values are read back from it.</summary>
    public static string Path(IReadOnlyList<CurvePoint> points, LinearScale x, LinearScale y, bool isRead = false)
    {
        var format = isRead ? "0.##" : "0.#";
        var path = new StringBuilder(points.Count * 12);
        foreach (var point in points)
        {
            path.Append(path.Length == 0 ? 'M' : 'L').Append(x.At(point.X).ToString("0.#", CultureInfo.InvariantCulture)).Append(',')
                .Append(y.At(point.Y).ToString(format, CultureInfo.InvariantCulture));
        }

        return path.ToString();
    }

    private static CurvePoint Mean(IReadOnlyList<CurvePoint> points, int start, int end)
    {
        if (end <= start)
            return points[start];
        var (x, y) = (0.0, 0.0);
        for (var i = start; i < end; i++)
            (x, y) = (x + points[i].X, y + points[i].Y);
        return new CurvePoint(x / (end - start), y / (end - start));
    }

    private static CurvePoint LargestTriangle(IReadOnlyList<CurvePoint> points, int start, int end, CurvePoint left, CurvePoint right)
    {
        var (best, largest) = (points[start], -1.0);
        for (var i = start; i < end; i++)
        {
            var area = Math.Abs((left.X - right.X) * (points[i].Y - left.Y) - (left.X - points[i].X) * (right.Y - left.Y));
            if (area > largest)
                (best, largest) = (points[i], area);
        }

        return best;
    }
}
