using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>One sweep at one moment.</summary>
/// <param name="UsedHours">That its runs have held slots so far, those of all added up.</param>
/// <param name="Runs">In submission order, each with what it was measured at.</param>
public sealed record SweepSnapshot(SweepOrder Order, double UsedHours, ImmutableArray<SweepRunSnapshot> Runs)
{
    /// <param name="now">Until when attempts under way count; null: not at all.</param>
    public static SweepSnapshot Of(SweepRecord sweep, RunTable runs, DateTimeOffset? now) =>
        new(sweep.Order, (now is { } until ? sweep.UsedAt(runs, until) : sweep.Used).TotalHours, [.. sweep.Runs.Select(run => new SweepRunSnapshot(run, runs.Find(run)!.Rungs))]);
}

/// <param name="Rungs">In their order.</param>
public sealed record SweepRunSnapshot(string Run, ImmutableArray<RungResult> Rungs);
