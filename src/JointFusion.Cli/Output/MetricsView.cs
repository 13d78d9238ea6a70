using System.Globalization;
using JointFusion.Experiments;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>A run's steps on one screen: evenly spaced, the first and the last among them.</summary>
internal static class MetricsView
{
    private const int MostLines = 16;

    public static void Write(IAnsiConsole console, RunSeries run)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumns("Step", "Stage", "Loss", "Accuracy", "Margin", "Rate", "Gradient", "Temperature", "Pairs/s");
        foreach (var column in table.Columns.Where((_, place) => place != 1))
            column.RightAligned();
        foreach (var step in Spaced(run.Steps))
            table.AddRow(Cells(step).Select(cell => new Text(cell)));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Plan.Experiment}, run {run.Plan.Run}: step {run.Steps[^1].Step:N0} of {run.Plan.TotalSteps:N0}"));
        console.Write(table);
    }

    private static IEnumerable<StepMetrics> Spaced(IReadOnlyList<StepMetrics> steps)
    {
        var lines = Math.Min(MostLines, steps.Count);
        return Enumerable.Range(0, lines).Select(line => steps[lines == 1 ? 0 : (int)((long)line * (steps.Count - 1) / (lines - 1))]);
    }

    private static string[] Cells(StepMetrics step) =>
    [
        Text($"{step.Step:N0}"), step.Stage, Text($"{step.Loss:0.0000}"), Text($"{step.Accuracy:0.000}"), step.Margin is { } margin ? Text($"{margin:0.000}") : "-",
        Text($"{step.LearningRate:0.0e+0}"), Text($"{step.GradientNorm:0.000}"), Text($"{step.Temperature:0.0000}"), Text($"{step.PairsPerSecond:N0}"),
    ];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
