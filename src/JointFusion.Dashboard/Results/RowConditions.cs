using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>What a row measures: the part of its conditions that names it within a run.</summary>
internal sealed record RowKey(
    string Split, PoolKind Pool, int Task, string Operation, string Metric, int K, string Inputs, bool OwnImageInPool, string Targets)
{
    public static RowKey Of(ResultRow row) =>
        new(row.Split, row.Pool, row.Task, row.Operation, row.Metric, row.K, row.Inputs, row.OwnImageInPool, row.Targets);
}

/// <summary>The rest of a row's conditions, which must be equal in two rows of one key.</summary>
internal static class RowConditions
{
    public static IReadOnlyList<string> Differences(ResultRow a, ResultRow b) =>
        [.. OfQuestion(a, b), .. Compare("stages", a.Stages, b.Stages), .. Compare("seed", a.Seed, b.Seed), .. Compare("ledger", a.Ledger, b.Ledger)];

    /// <summary>Of these what was asked, whoever was asked.</summary>
    public static IReadOnlyList<string> OfQuestion(ResultRow a, ResultRow b) =>
    [
        .. Compare("data", a.Data, b.Data), .. Compare("pool size", a.PoolSize, b.PoolSize), .. Compare("queries", a.Queries, b.Queries),
        .. Compare("instructions", a.Instructions, b.Instructions),
    ];

    private static string[] Compare<T>(string name, T left, T right) where T : notnull => left.Equals(right) ? [] : [$"{name} {left} against {right}"];
}
