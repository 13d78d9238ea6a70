using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The steps of one run so far, ascending. Not thread-safe: its board guards it.</summary>
internal sealed class RunHistory
{
    private const int StepsForPace = 20;

    /// <summary>Twice what is drawn. Beyond it the older half is thinned, however many steps a run takes.</summary>
    private const int MostKept = 2 * LiveBoard.MostPoints;

    private readonly List<MetricPoint> points = [];
    private readonly bool isWhole;

    /// <param name="past">In the order that they were taken in.</param>
    /// <param name="isWhole">There were no others before.</param>
    public RunHistory(string name, RunPlan? plan, IEnumerable<MetricPoint> past, bool isWhole = true)
    {
        (Name, Plan, this.isWhole) = (name, plan, isWhole);
        foreach (var point in past)
            Take(point);
    }

    public string Name { get; }

    /// <summary>Null while the run's folder has no plan.json.</summary>
    public RunPlan? Plan { get; }

    /// <summary>Steps that never came, since somebody on the way was too slow for them: metrics.jsonl has them.</summary>
    public int Missed { get; private set; }

    public MetricPoint? Last => points.Count == 0 ? null : points[^1];

    /// <summary>Whether it knows the steps after <paramref name="since"/>, thinned or not.</summary>
    public bool Has(int since) => isWhole || (points.Count > 0 && points[0].Step <= since + 1);

    /// <summary>The same with what was before.</summary>
    /// <param name="whole">Of the same run, read meanwhile: what this one has is later, or the same.</param>
    public RunHistory After(RunHistory whole) => new(Name, Plan, whole.points.Concat(points)) { Missed = Missed };

    /// <summary>A step at or before the last one means that the run went back to a checkpoint: what followed it did not count.</summary>
    public void Add(StepMetrics step)
    {
        Forget(step.Step);
        if (points.Count > 0 || Plan is not null)
            Missed += step.Step - 1 - (points.Count > 0 ? points[^1].Step : Plan?.Fork?.Step ?? 0);
        Take(MetricPoint.Of(step));
    }

    private void Take(MetricPoint point)
    {
        Forget(point.Step);
        points.Add(point);
        if (points.Count > MostKept)
            ThinOlderHalf();
    }

    /// <summary>This step and those after it.</summary>
    private void Forget(int step)
    {
        var keep = points.Count;
        while (keep > 0 && points[keep - 1].Step >= step)
            keep--;
        points.RemoveRange(keep, points.Count - keep);
    }

    private void ThinOlderHalf()
    {
        const int half = MostKept / 2;
        var older = Thinned(points.GetRange(0, half), half / 2);
        points.RemoveRange(0, half);
        points.InsertRange(0, older);
    }

    /// <summary>Steps after <paramref name="since"/>, thinned to <paramref name="limit"/> with the peaks of the loss kept.</summary>
    public ImmutableArray<MetricPoint> Since(int since, int limit)
    {
        var start = points.FindIndex(point => point.Step > since);
        if (start < 0)
            return [];
        var wanted = points.GetRange(start, points.Count - start);
        return [.. Thinned(wanted, limit)];
    }

    private static IEnumerable<MetricPoint> Thinned(List<MetricPoint> wanted, int limit)
    {
        if (wanted.Count <= limit)
            return wanted;
        var kept = Curves.Downsample([.. wanted.Select(point => new CurvePoint(point.Step, point.Loss))], limit).Select(p => (int)p.X).ToHashSet();
        return wanted.Where(point => kept.Contains(point.Step));
    }

    public PlotSeries Losses(int limit) => new(
        Name, Marks.Class(Plan is null ? "" : Marks.Name(Plan.Retriever.Shape.Fusion)), [.. Since(0, limit).Select(p => new CurvePoint(p.Step, p.Loss))], PlotStyle.Noisy);

    /// <summary>Seconds until the last step at the pace of the latest ones; null before a step and after the last.</summary>
    public double? SecondsLeft()
    {
        if (Plan is null || points.Count == 0 || points[^1].Step >= Plan.TotalSteps)
            return null;
        return points.TakeLast(StepsForPace).Average(point => point.Seconds) * (Plan.TotalSteps - points[^1].Step);
    }
}
