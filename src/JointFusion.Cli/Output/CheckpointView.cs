using System.Collections.Immutable;
using System.Globalization;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>Checkpoints for people.</summary>
internal static class CheckpointView
{
    private const double Mebibyte = 1 << 20;

    /// <param name="rows">By run, the newest first.</param>
    public static void Write(Listing list, ImmutableArray<CheckpointRow> rows) =>
        list.Write(rows, "checkpoints", shown => [Table(shown), new Text("By manifests and sizes; 'jf checkpoint verify' reads every byte.")]);

    /// <inheritdoc cref="Write(Listing, ImmutableArray{CheckpointRow})"/>
    public static void Write(Listing list, ImmutableArray<MirroredRow> rows) =>
        list.Write(rows, "checkpoints", shown => [Table(shown), new Text("By names and sizes; 'jf checkpoint pull' reads every byte.")]);

    private static Table Table(IReadOnlyList<CheckpointRow> rows)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumns("Run", "Step", "Stage", "Ledger", "Size", "Written", "State");
        table.Columns[1].RightAligned();
        table.Columns[4].RightAligned();
        foreach (var column in table.Columns.SkipLast(1))
            column.NoWrap();
        foreach (var row in rows)
            table.AddRow(Cells(row).Select(cell => new Text(cell)));
        return table;
    }

    private static Table Table(IReadOnlyList<MirroredRow> rows)
    {
        var table = new Table { Border = TableBorder.Simple }.AddColumns("Run", "Step", "Size", "Copied", "State");
        table.Columns[1].RightAligned();
        table.Columns[2].RightAligned();
        foreach (var row in rows)
            table.AddRow(row.Run, $"{row.Step}", Size(row.Bytes), Time(row.WrittenAt), row.Whole ? "whole" : "torn: no manifest, which is copied last");
        return table;
    }

    /// <summary>A line a checkpoint, torn ones first; below such a one its faults.</summary>
    public static void WriteVerdicts(Listing list, ImmutableArray<CheckpointRow> rows) => list.WriteLines(
        [.. rows.OrderBy(row => row.Whole)], "checkpoints",
        row => [$"{row.Run} step {row.Step}: {(row.Whole ? "whole" : "torn")}, {Size(row.Bytes)}", .. row.Faults.Select(fault => $"  {fault}")],
        $"{rows.Length:N0} read to the last byte, {rows.Count(row => !row.Whole):N0} torn.");

    private static string[] Cells(CheckpointRow row) =>
    [
        row.Run,
        $"{row.Step}",
        row.Stage ?? "?",
        row.Ledger ?? "?",
        Size(row.Bytes),
        Time(row.WrittenAt),
        row.Whole ? "whole" : "torn: " + string.Join(' ', row.Faults.Select(fault => $"{Path.GetFileName(fault.Path)} {fault.Cause}")),
    ];

    public static string Size(long bytes) => $"{bytes / Mebibyte:N1} MiB";

    private static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
