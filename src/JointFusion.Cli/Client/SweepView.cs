using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Dashboard;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>Sweeps for people.</summary>
internal static class SweepView
{
    public static void Write(IAnsiConsole console, ImmutableArray<SweepInfo> sweeps)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Sweep", "State", "Runs", "Device-hours", "Goes on beyond a rung");
        foreach (var sweep in sweeps)
            table.AddRow(Markup.Escape(sweep.Name), sweep.State, Counts(sweep), Hours(sweep), sweep.Reduction is { } reduction ? $"1 of {reduction}" : "-");
        console.Write(table);
    }

    public static void Write(IAnsiConsole console, SweepInfo sweep)
    {
        ImmutableArray<int> rungs = [.. sweep.Runs.SelectMany(run => run.Rungs.Select(rung => rung.Step)).Distinct().Order()];
        var table = new Table().Border(TableBorder.Simple).AddColumns(["Run", "State", "Step", .. rungs.Select(rung => string.Create(CultureInfo.InvariantCulture, $"At {rung:N0}")), "Reason"]);
        foreach (var (run, results) in sweep.Runs.Select(run => (run.Run, run.Rungs)))
        {
            table.AddRow(
            [
                Markup.Escape(run.Name), run.State.ToString().ToLowerInvariant(), run.Step.ToString("N0", CultureInfo.InvariantCulture),
                .. rungs.Select(rung => results.FirstOrDefault(result => result.Step == rung)?.Value.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-"),
                Markup.Escape(run.Reason ?? ""),
            ]);
        }
        console.Write(table);
        console.WriteLine($"{sweep.Name}: {Counts(sweep)}; {Hours(sweep)} device-hours");
    }

    private static string Counts(SweepInfo sweep) => string.Join(
        ", ", sweep.Runs.GroupBy(run => run.Run.State.ToString().ToLowerInvariant()).OrderBy(state => state.Key, StringComparer.Ordinal).Select(state => $"{state.Count()} {state.Key}"));

    private static string Hours(SweepInfo sweep) => string.Create(
        CultureInfo.InvariantCulture, $"{sweep.UsedHours:0.####}{(sweep.DeviceHours is { } limit ? $" of {limit:0.####}" : "")}");
}
