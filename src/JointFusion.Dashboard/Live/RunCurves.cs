using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>All figures of one run by step, ascending, for as long as somebody looks at them: many steps are thinned, so that it never takes more than some megabytes.</summary>
internal sealed class RunCurves
{
    /// <summary>Ten times what a chart draws. Beyond it the older half is thinned.</summary>
    public const int MostKept = 4000;

    private readonly Lock gate = new();
    private List<StepMetrics> steps = [];
    private bool hasPast;

    /// <summary>Of the metrics that are kept.</summary>
    public ImmutableArray<StepMetrics> Steps
    {
        get
        {
            lock (gate)
                return [.. steps];
        }
    }

    /// <summary>As it happens.</summary>
    public void Add(StepMetrics step)
    {
        lock (gate)
            Add(steps, step);
    }

    /// <summary>What is in the run's file, put before what has come meanwhile; read once.</summary>
    /// <exception cref="InvalidDataException">The file is not what its name says.</exception>
    public void ReadPast(RunFolder folder)
    {
        lock (gate)
        {
            if (hasPast)
                return;
            hasPast = true;
        }
        var past = new List<StepMetrics>();
        foreach (var step in JsonLines.Stream<StepMetrics>(folder.Metrics))
            Add(past, step);
        lock (gate)
        {
            foreach (var step in steps)
                Add(past, step);
            steps = past;
        }
    }

    /// <summary>A step at or before the last one means that the run went back to a checkpoint: what followed it did not count.</summary>
    private static void Add(List<StepMetrics> to, StepMetrics step)
    {
        var keep = to.Count;
        while (keep > 0 && to[keep - 1].Step >= step.Step)
            keep--;
        to.RemoveRange(keep, to.Count - keep);
        to.Add(step);
        if (to.Count > MostKept)
            ThinOlderHalf(to);
    }

    /// <summary>Peaks of loss and gradient norm, which are what one looks for, are kept.</summary>
    private static void ThinOlderHalf(List<StepMetrics> steps)
    {
        const int half = MostKept / 2, kept = half / 4;
        var older = steps.GetRange(0, half);
        var wanted = Peaks(step => step.Loss).Concat(Peaks(step => step.GradientNorm)).ToHashSet();
        steps.RemoveRange(0, half);
        steps.InsertRange(0, older.Where(step => wanted.Contains(step.Step)));

        IEnumerable<int> Peaks(Func<StepMetrics, double> figure) =>
            Curves.Downsample([.. older.Select(step => new CurvePoint(step.Step, Finite(figure(step))))], kept).Select(point => (int)point.X);
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : 0;
}
