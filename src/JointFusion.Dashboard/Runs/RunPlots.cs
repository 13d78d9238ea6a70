using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>The charts of a run's page, from all of its figures.</summary>
internal static class RunPlots
{
    /// <summary>Bars of time are means over so many parts of the run.</summary>
    private const int TimeParts = 120;

    private static readonly (string Name, Func<StepSeconds, double> Of)[] Phases =
    [
        ("data", s => s.Data), ("forward", s => s.Forward), ("backward", s => s.Backward), ("exchange", s => s.Exchange), ("optimizer", s => s.Optimizer), ("checkpoint", s => s.Checkpoint),
        ("other", s => Math.Max(0, s.Total - s.Data - s.Forward - s.Backward - s.Exchange - s.Optimizer - s.Checkpoint)),
    ];

    /// <param name="fusion">Gives the run its colour.</param>
    public static ImmutableArray<Plot> Of(string run, string fusion, RunPlan? plan, ImmutableArray<StepMetrics> steps, ImmutableArray<RecallPoint> recalls)
    {
        var colour = Marks.Class(fusion);
        ImmutableArray<StageMark> stages = [.. plan?.Stages.Select(stage => new StageMark(stage.Spec.Name, stage.FirstStep)) ?? []];
        var total = plan?.TotalSteps ?? 0;
        return
        [
            One("Loss", "nats", step => step.Loss, PlotStyle.Noisy),
            .. steps.Any(step => step.LossByTask.Count > 1) ? [Draw("Loss by task", "nats", ByTask(steps))] : ImmutableArray<Plot>.Empty,
            .. recalls.IsEmpty ? ImmutableArray<Plot>.Empty : [Draw("Recall@5 in training", "share of the queries", Recalls(recalls))],
            One("Margin", "difference of cosines", step => step.Margin, PlotStyle.Noisy),
            One("Temperature", "", step => step.Temperature, PlotStyle.Plain),
            One("Learning rate", "", step => step.LearningRate, PlotStyle.Plain),
            One("Gradient norm", "before clipping", step => step.GradientNorm, PlotStyle.Noisy),
            One("Spread of the embeddings", "0: all the same", step => step.Spread, PlotStyle.Noisy),
            One("Throughput", "pairs/s", step => step.PairsPerSecond, PlotStyle.Noisy),
            Draw("Time of a step", "seconds", Time(steps)),
        ];

        Plot One(string title, string unit, Func<StepMetrics, double?> figure, PlotStyle style) =>
            Draw(title, unit, [new PlotSeries(run, colour, [.. steps.Select(step => new CurvePoint(step.Step, figure(step) ?? double.NaN))], style)]);

        Plot Draw(string title, string unit, IReadOnlyList<PlotSeries> series) => new(title, unit, series, stages, total);
    }

    private static ImmutableArray<PlotSeries> ByTask(ImmutableArray<StepMetrics> steps) =>
    [
        .. steps.SelectMany(step => step.LossByTask.Keys).Distinct().Order().Select((task, index) => new PlotSeries(
            Marks.Task(task), Marks.Series(index),
            Curves.Smooth([.. steps.Where(step => step.LossByTask.ContainsKey(task)).Select(step => new CurvePoint(step.Step, step.LossByTask[task]))], memory: 10))),
    ];

    private static ImmutableArray<PlotSeries> Recalls(ImmutableArray<RecallPoint> recalls) =>
    [
        .. recalls.GroupBy(point => point.Task).OrderBy(task => task.Key).Select((task, index) => new PlotSeries(
            Marks.Task(task.Key), Marks.Series(index), [.. task.Select(point => new CurvePoint(point.Step, point.Recall))], PlotStyle.Marked)),
    ];

    private static ImmutableArray<PlotSeries> Time(ImmutableArray<StepMetrics> steps)
    {
        var parts = steps.Chunk(Math.Max(1, (steps.Length + TimeParts - 1) / TimeParts)).ToList();
        return
        [
            .. Phases.Select((phase, index) => new PlotSeries(
                phase.Name, $"phase-{index}", [.. parts.Select(part => new CurvePoint(part[^1].Step, part.Average(step => phase.Of(step.Seconds))))], PlotStyle.Stacked)),
        ];
    }
}
