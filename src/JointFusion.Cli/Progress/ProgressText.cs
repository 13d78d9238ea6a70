using System.Globalization;

namespace JointFusion.Cli;

/// <summary>The same figures, worded the same, on lines and in tables.</summary>
public static class ProgressText
{
    public static string Line(RunProgress run) => string.Create(
        CultureInfo.InvariantCulture,
        $"{run.Name}: {run.Latest!.Stage} step {run.Latest.Step}/{run.TotalSteps}  loss {Loss(run)}  margin {Margin(run)}  {Rate(run)} pairs/s{(run.Remaining is null ? "" : $"  training ends in {Remaining(run)}")}");

    public static string Steps(RunProgress run) => $"{run.Latest?.Step ?? 0}/{run.TotalSteps}";

    public static string Loss(RunProgress run) => run.Latest is { } step ? step.Loss.ToString("0.000", CultureInfo.InvariantCulture) : "";

    public static string Margin(RunProgress run) => run.Latest?.Margin is { } margin ? margin.ToString("0.000", CultureInfo.InvariantCulture) : "-";

    public static string Rate(RunProgress run) => run.Latest is { } step ? step.PairsPerSecond.ToString("0", CultureInfo.InvariantCulture) : "";

    public static string Remaining(RunProgress run) => run.Remaining is { } left ? Span(left) : "";

    /// <summary>As 5:03 or 27:05:03.</summary>
    public static string Span(TimeSpan left) => left.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)left.TotalHours}:{left.Minutes:00}:{left.Seconds:00}")
        : left.ToString(@"m\:ss", CultureInfo.InvariantCulture);
}
