using System.Runtime.InteropServices;

namespace JointFusion.Dashboard;

/// <summary>One metric of a run in bounded memory, however many steps it takes: spans of equally many steps, which grow as the run does. Not thread-safe.</summary>
internal sealed class MetricTrack
{
    /// <summary>Four points each: more than any chart shows.</summary>
    public const int MostSpans = 2048;

    private readonly List<Span4> spans = [];
    private int exponent;

    /// <summary>Steps of a span; 1: every step is here.</summary>
    public int Width => 1 << exponent;

    /// <summary>A step at or before the latest means that the run went back to a checkpoint: what followed it did not count.</summary>
    public void Add(StepPoint point)
    {
        CutAt(point.Step);
        while (point.Step >> exponent >= MostSpans)
            Widen();
        if (spans.Count > 0 && spans[^1].First.Step >> exponent == point.Step >> exponent)
            CollectionsMarshal.AsSpan(spans)[^1].Add(point);
        else
            spans.Add(new Span4(point));
    }

    /// <summary>Drops this step and those after it.</summary>
    public void CutAt(int step)
    {
        while (spans.Count > 0 && spans[^1].First.Step >= step)
            spans.RemoveAt(spans.Count - 1);
        if (spans.Count > 0 && spans[^1].Last.Step >= step)
            CollectionsMarshal.AsSpan(spans)[^1].CutAt(step);
    }

    /// <summary>By step.</summary>
    public List<StepPoint> Points(StepRange range)
    {
        List<StepPoint> points = [];
        foreach (var span in spans)
            if (span.Last.Step >= range.From && span.First.Step <= range.To)
                span.AddTo(points);
        points.RemoveAll(point => !range.Has(point.Step));
        return points;
    }

    /// <summary>To at most so many, the first and the last kept and the extremes of each part.</summary>
    /// <param name="points">By step.</param>
    public static List<StepPoint> Thinned(List<StepPoint> points, int limit)
    {
        if (points.Count <= limit)
            return points;
        var (from, length) = (points[0].Step, (long)points[^1].Step - points[0].Step + 1);
        var parts = limit / 4;
        List<StepPoint> kept = new(limit);
        Span4? open = null;
        var part = -1L;
        foreach (var point in points)
        {
            var of = (point.Step - from) * parts / length;
            if (of == part && open is { } span)
            {
                span.Add(point);
                open = span;
                continue;
            }
            open?.AddTo(kept);
            (open, part) = (new Span4(point), of);
        }
        open?.AddTo(kept);
        return kept;
    }

    private void Widen()
    {
        exponent++;
        var kept = 0;
        var all = CollectionsMarshal.AsSpan(spans);
        foreach (ref readonly var span in all)
        {
            if (kept > 0 && all[kept - 1].First.Step >> exponent == span.First.Step >> exponent)
                all[kept - 1].Add(span);
            else
                all[kept++] = span;
        }
        spans.RemoveRange(kept, spans.Count - kept);
    }
}
