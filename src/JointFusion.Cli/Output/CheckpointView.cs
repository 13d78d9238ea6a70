using System.Collections.Immutable;
using System.Globalization;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>Checkpoints for people.</summary>
internal static class CheckpointView
{
    private const double Mebibyte = 1 << 20;

    public static void WriteTable(IAnsiConsole console, ImmutableArray<CheckpointRow> rows)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumns("Run", "Step", "Stage", "Ledger", "Size", "Written", "State");
        table.Columns[1].RightAligned();
        table.Columns[4].RightAligned();
        foreach (var column in table.Columns.SkipLast(1))
            column.NoWrap();
        foreach (var row in rows)
            table.AddRow(Cells(row).Select(cell => new Text(cell)));
        console.Write(table);
        console.WriteLine("By manifests and sizes; 'jf checkpoint verify' reads every byte.");
    }

    /// <summary>A line a checkpoint; below a torn one its faults.</summary>
    public static void WriteVerdicts(TextWriter output, ImmutableArray<CheckpointRow> rows)
    {
        foreach (var row in rows)
        {
            output.WriteLine($"{row.Run} step {row.Step}: {(row.Whole ? "whole" : "torn")}, {Size(row)}");
            foreach (var fault in row.Faults)
                output.WriteLine($"  {fault}");
        }
        output.WriteLine($"{rows.Length:N0} read to the last byte, {rows.Count(row => !row.Whole):N0} torn.");
    }

    private static string[] Cells(CheckpointRow row) =>
    [
        row.Run,
        $"{row.Step}",
        row.Stage ?? "?",
        row.Ledger ?? "?",
        Size(row),
        row.WrittenAt.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
        row.Whole ? "whole" : "torn: " + string.Join(' ', row.Faults.Select(fault => $"{Path.GetFileName(fault.Path)} {fault.Cause}")),
    ];

    private static string Size(CheckpointRow row) => $"{row.Bytes / Mebibyte:N1} MiB";
}
