using System.Globalization;
using JointFusion.Dashboard;
using JointFusion.Experiments;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>Runs side by side on the terminal: one table, then what the runs do not share.</summary>
internal static class ComparisonView
{
    /// <summary>Beyond, intervals of the values are left out for width; those of the differences stay.</summary>
    private const int RunsWithIntervals = 3;

    public static void Write(Listing list, IReadOnlyList<EvaluatedRun> runs, string split, PoolKind pool, IReadOnlyCollection<string> splits)
    {
        var k = runs.SelectMany(run => run.Rows).Any(row => row.K == 5) ? 5 : 10; // M-BEIR measures its fashion sets deeper
        var compared = SideBySide.Of(runs, row => row.Split == split && row.Pool == pool && row.K == k && row is { Metric: "recall", Inputs: "query", Targets: "all" });
        var choice = compared.Rows.Where(row => !row.OwnImageInPool).Select(row => row.Task).ToHashSet();
        SideRow[] rows = [.. compared.Rows.Where(row => !row.OwnImageInPool || !choice.Contains(row.Task))];
        var reasons = rows.SelectMany(row => row.Values).Select(value => value?.NotPaired).OfType<string>().Distinct().ToList();
        SideRow[] shown = [.. rows.Where(row => IsWorthShowing(row, rows))];
        string[] below = [.. Below(compared, reasons, splits.Where(other => other != split))];
        list.Write(shown, "rows", some =>
        [
            new Text($"{split}: recall@{k} in %, {pool.ToString().ToLowerInvariant()} pool, own picture left out, 95% interval by concept"),
            Table(compared, some, reasons), .. below.Select(line => new Text(line)),
        ]);
    }

    private static IEnumerable<string> Below(SideBySide compared, List<string> reasons, IEnumerable<string> splits)
    {
        foreach (var (number, reason) in reasons.Index())
            yield return $"({number + 1}) not subtracted: {reason}";
        foreach (var run in compared.Runs.Skip(1))
            yield return run.Differences.IsEmpty ? $"{run.Name} was trained like {compared.Runs[0].Name}." : $"{run.Name} was trained otherwise than {compared.Runs[0].Name}: {string.Join("; ", run.Differences)}.";
        if (splits.ToArray() is { Length: > 0 } others)
            yield return $"Also evaluated: --split {string.Join(", --split ", others)}.";
    }

    /// <summary>A whole task of one operation would say the same twice.</summary>
    private static bool IsWorthShowing(SideRow row, SideRow[] rows) =>
        row.Operation != Operations.All || rows.Where(other => other.Task == row.Task && other.Operation != Operations.All).Select(other => other.Operation).Distinct().Count() != 1;

    private static Table Table(SideBySide compared, IReadOnlyList<SideRow> rows, List<string> reasons)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns([.. ((string[])["Task", "Operation", "Queries", .. compared.Runs.Select(run => run.Name), .. compared.Runs.Skip(1).Select(run => $"{run.Name} - {compared.Runs[0].Name}")]).Select(Markup.Escape)]);
        table.Columns[2].RightAligned();
        foreach (var row in rows)
        {
            var best = row.Values.OfType<SideValue>().Max(value => value.Value);
            table.AddRow([
                new Text(row.Task.ToString(CultureInfo.InvariantCulture)),
                new Text(Operations.IsControl(row.Operation) ? $"{row.Operation} (control)" : row.Operation),
                new Text(string.Join('/', row.Values.OfType<SideValue>().Select(value => value.Queries).Distinct())),
                .. row.Values.Select(value => Cell(value, best, compared.Runs.Length <= RunsWithIntervals)),
                .. row.Values.Skip(1).Select(value => Difference(value, reasons)),
            ]);
        }
        return table;
    }

    private static Text Cell(SideValue? value, double best, bool interval) => value is null
        ? new Text("-")
        : new Text(interval ? $"{Percent(value.Value)} [{Percent(value.CiLow)}, {Percent(value.CiHigh)}]" : Percent(value.Value), value.Value == best ? new Style(decoration: Decoration.Bold) : Style.Plain);

    private static Text Difference(SideValue? value, List<string> reasons) => value switch
    {
        null => new Text("-"),
        { MinusFirst: { } difference } => new Text($"{Signed(difference.Value)} [{Signed(difference.CiLow)}, {Signed(difference.CiHigh)}]"),
        _ => new Text($"({reasons.IndexOf(value.NotPaired!) + 1})"),
    };

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Signed(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
