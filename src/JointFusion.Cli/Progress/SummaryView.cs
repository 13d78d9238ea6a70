using System.Globalization;
using JointFusion.Dashboard;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace JointFusion.Cli;

/// <summary>The end of an experiment on the terminal: recall by operation, fusions side by side, the best in bold.</summary>
internal static class SummaryView
{
    /// <param name="above">Lines that come before.</param>
    public static void Write(Listing list, ExperimentSummary summary, params string[] above) => list.Write(summary.Rows, "rows", shown => Parts(summary, shown, above));

    private static IEnumerable<IRenderable> Parts(ExperimentSummary summary, IReadOnlyList<SummaryRow> rows, string[] above) =>
    [
        .. above.Select(line => new Text(line)),
        .. summary.Study is { } study ? (Table[])[StudyTable(study)] : [],
        .. rows.GroupBy(row => row.Split).Select(split => SplitTable(split.Key, summary.K, [.. split])),
    ];

    private static Table StudyTable(Study study)
    {
        var table = new Table
        {
            Border = TableBorder.Simple,
            Title = new TableTitle(
                $"{study.Headline.Words}: differences in recall@{study.K} in points, 95% interval over seeds and concepts"
                + (study.Missing > 0 ? $"; partial: {study.Missing} of {study.Kinds.Sum(kind => kind.Planned)} runs without evaluation" : "")),
        };
        table.AddColumns(["Claim", "Group", "Compared", "Seeds", "Difference", "p (Holm)", "Verdict"]);
        foreach (var (claim, part) in study.Claims.SelectMany(claim => claim.Parts.Select(part => (claim, part))))
        {
            var contrast = part.Contrast;
            table.AddRow([
                new Text(claim.Id),
                new Text(contrast.Group),
                new Text($"{contrast.Left} - {contrast.Right}"),
                new Text(contrast.Seeds.ToString(CultureInfo.InvariantCulture)),
                new Text($"{Signed(contrast.Difference)} [{Signed(contrast.Low)}, {Signed(contrast.High)}]"),
                new Text(part.PHolm.ToString("0.000", CultureInfo.InvariantCulture)),
                new Text(part.Verdict.Words()),
            ]);
        }
        return table;
    }

    private static Table SplitTable(string split, int k, SummaryRow[] rows)
    {
        var runs = rows.SelectMany(row => row.Values).Select(value => value.Run).Distinct().ToArray();
        var late = rows.SelectMany(row => row.Differences).Select(difference => difference.Late).Distinct().ToArray();
        var table = new Table
        {
            Border = TableBorder.Simple,
            Title = new TableTitle($"{split}: recall@{k} in %, local pool, own picture left out, 95% interval by concept"),
        };
        table.AddColumns(["Task", "Operation", "Queries", .. runs, .. late.Select(run => $"early - {run}")]);
        foreach (var row in rows)
        {
            table.AddRow([
                new Text(row.Task.ToString(CultureInfo.InvariantCulture)),
                new Text(row.IsControl ? $"{row.Operation} (control)" : row.Operation),
                new Text(row.Queries.ToString(CultureInfo.InvariantCulture)),
                .. runs.Select(run => Cell(row.Values.FirstOrDefault(value => value.Run == run))),
                .. late.Select(run => Cell(row.Differences.FirstOrDefault(difference => difference.Late == run))),
            ]);
        }
        return table;
    }

    private static Text Cell(SummaryValue? value) => value is null
        ? new Text("")
        : new Text($"{Percent(value.Value)} [{Percent(value.CiLow)}, {Percent(value.CiHigh)}]", value.Best ? new Style(decoration: Decoration.Bold) : Style.Plain);

    private static Text Cell(Comparison? difference) => difference is null
        ? new Text("not comparable")
        : new Text($"{Signed(difference.Difference)} [{Signed(difference.CiLow)}, {Signed(difference.CiHigh)}]");

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    private static string Signed(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
