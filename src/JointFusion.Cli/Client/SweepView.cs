using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Dashboard;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>Sweeps for people.</summary>
internal static class SweepView
{
    /// <summary>Those under way first, then the newest.</summary>
    /// <param name="sweeps">The oldest first.</param>
    public static void Write(Listing list, ImmutableArray<SweepInfo> sweeps) =>
        list.Write([.. sweeps.Reverse().OrderBy(sweep => sweep.State != ExperimentInfo.Running)], "sweeps", shown => [Table(shown)]);

    /// <summary>Its runs as <see cref="StatusView"/> sorts them.</summary>
    public static void Write(Listing list, SweepInfo sweep) => list.Write(
        [.. sweep.Runs.OrderBy(run => RunGroups.Of(run.Run.State))], "runs", shown => [Table(shown), new Text($"{sweep.Name}: {Counts(sweep)}; {Hours(sweep)} device-hours")]);

    private static Table Table(IReadOnlyList<SweepInfo> sweeps)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Sweep", "State", "Runs", "Device-hours", "Goes on beyond a rung");
        foreach (var sweep in sweeps)
            table.AddRow(Markup.Escape(sweep.Name), sweep.State, Counts(sweep), Hours(sweep), sweep.Reduction is { } reduction ? $"1 of {reduction}" : "-");
        return table;
    }

    private static Table Table(IReadOnlyList<SweepRunInfo> runs)
    {
        ImmutableArray<int> rungs = [.. runs.SelectMany(run => run.Rungs.Select(rung => rung.Step)).Distinct().Order()];
        var table = new Table().Border(TableBorder.Simple).AddColumns(["Run", "State", "Step", .. rungs.Select(rung => string.Create(CultureInfo.InvariantCulture, $"At {rung:N0}")), "Reason"]);
        foreach (var (run, results) in runs.Select(run => (run.Run, run.Rungs)))
        {
            table.AddRow(
            [
                Markup.Escape(run.Name), run.State.ToString().ToLowerInvariant(), run.Step.ToString("N0", CultureInfo.InvariantCulture),
                .. rungs.Select(rung => results.FirstOrDefault(result => result.Step == rung)?.Value.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-"),
                Markup.Escape(run.Reason ?? ""),
            ]);
        }
        return table;
    }

    private static string Counts(SweepInfo sweep) => string.Join(
        ", ", sweep.Runs.GroupBy(run => run.Run.State.ToString().ToLowerInvariant()).OrderBy(state => state.Key, StringComparer.Ordinal).Select(state => $"{state.Count()} {state.Key}"));

    private static string Hours(SweepInfo sweep) => string.Create(
        CultureInfo.InvariantCulture, $"{sweep.UsedHours:0.####}{(sweep.DeviceHours is { } limit ? $" of {limit:0.####}" : "")}");
}
