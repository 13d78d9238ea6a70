using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Retrievers side by side, each row's differences against the first: paired where all conditions of the row agree, named where they do not.</summary>
public sealed record SideBySide(ImmutableArray<SideRun> Runs, ImmutableArray<SideRow> Rows)
{
    /// <param name="runs">At least one; the first is what the others are held against.</param>
    /// <param name="shown">Which rows; null: all.</param>
    public static SideBySide Of(IReadOnlyList<EvaluatedRun> runs, Func<ResultRow, bool>? shown = null) => new SideBySideBuilder(runs, shown ?? (_ => true)).Build();
}

/// <param name="Differences">In how it was trained against the first, in words; empty: in nothing.</param>
public sealed record SideRun(string Name, string Fusion, int Seed, string Stages, string Ledger, string Plan, ImmutableArray<string> Differences);

/// <summary>One figure of each run.</summary>
/// <param name="Values">In the order of the runs; null where a run has no such row.</param>
public sealed record SideRow(
    string Split, PoolKind Pool, int Task, string Operation, string Metric, int K, string Inputs, bool OwnImageInPool, string Targets, ImmutableArray<SideValue?> Values);

/// <param name="MinusFirst">Null for the first, and where it was not paired.</param>
/// <param name="NotPaired">Why not: the conditions that differ, in words; null where it was.</param>
public sealed record SideValue(
    double Value, double CiLow, double CiHigh, int Queries, string Data, int PoolSize, string Instructions, PairedDifference? MinusFirst, string? NotPaired);

/// <param name="Value">Mean over the queries.</param>
/// <param name="CiLow">Of a 95% bootstrap interval, resampled by concept. It holds for these weights: not over seeds.</param>
public sealed record PairedDifference(double Value, double CiLow, double CiHigh, int Concepts);
