using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>The runs of an experiment against what its sweep has given them, the comparable ones ranked.</summary>
/// <param name="Keys">Key paths that the sweep varies.</param>
/// <param name="Conditions">Under which ranked rows were measured; null: none was yet.</param>
/// <param name="Rung">Of the sweep, that ranked rows were measured at while none is at its end; null: none was.</param>
public sealed record SweepBoard(ImmutableArray<string> Keys, ImmutableArray<SweepRow> Rows, ScoreConditions? Conditions, int? Rung)
{
    /// <summary>Ranked by their ends where any has come to it, else by the furthest rung that several have come to: figures of different kinds are never set against each other.</summary>
    /// <param name="rows">Without ranks, in the sweep's order.</param>
    public static SweepBoard Of(ImmutableArray<string> keys, ImmutableArray<SweepRow> rows)
    {
        var measured = rows.Where(row => row.Score is not null).ToList();
        if (measured.Count > 0)
        {
            var usual = measured.GroupBy(row => string.Join('|', row.Score!.Conditions.Differences(measured[0].Score!.Conditions))).MaxBy(group => group.Count())!.First().Score!.Conditions;
            return new SweepBoard(keys, Ranked([.. rows.Select(row => row with { Otherwise = Otherwise(row, usual) })], row => row.Otherwise is null ? row.Score?.Value : null), usual, null);
        }
        var rung = rows.SelectMany(row => row.Rungs).GroupBy(one => one.Step).Where(group => group.Count() > 1 || rows.Length == 1).Select(group => (int?)group.Key).Max();
        return new SweepBoard(keys, Ranked(rows, row => row.Rungs.FirstOrDefault(one => one.Step == rung)?.Value), null, rung);
    }

    private static string? Otherwise(SweepRow row, ScoreConditions usual) =>
        row.Score?.Conditions.Differences(usual).ToList() is { Count: > 0 } differences ? string.Join("; ", differences) : null;

    private static ImmutableArray<SweepRow> Ranked(ImmutableArray<SweepRow> rows, Func<SweepRow, double?> value)
    {
        var values = rows.Select(value).OfType<double>().OrderDescending().ToList();
        return [.. rows.Select(row => value(row) is { } own ? row with { Value = own, Rank = 1 + values.FindIndex(other => other == own) } : row)];
    }
}

/// <param name="Run">Null while the cluster has not told of it.</param>
/// <param name="Fusion">early, score or feature.</param>
/// <param name="Values">By key path.</param>
/// <param name="Rungs">What it was measured at on the way, in their order.</param>
/// <param name="Score">At its end; null: not there yet.</param>
public sealed record SweepRow(
    ShelvedRun Shelved, RunStatus? Run, string Fusion, int Seed, ImmutableSortedDictionary<string, string> Values, ImmutableArray<RungInfo> Rungs, RunScore? Score)
{
    /// <summary>Why its figure is not compared with the others; null: it may be.</summary>
    public string? Otherwise { get; init; }

    /// <summary>By which it is ranked; null: it is not.</summary>
    public double? Value { get; init; }

    /// <summary>From 1.</summary>
    public int? Rank { get; init; }

    public string Name => Shelved.Name;

    /// <summary>What it has in common with runs that differ in their seeds alone.</summary>
    public string WithoutSeed => string.Join(", ", Values.Where(value => value.Key != "seed").Select(value => $"{LastPart(value.Key)} {value.Value}"));

    public static string LastPart(string keyPath) => keyPath[(keyPath.LastIndexOf('.') + 1)..];
}
