using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>All that is known of one sweep, beside its runs.</summary>
/// <param name="Runs">By name, in submission order.</param>
/// <param name="Used">Time that ended attempts of its runs have held slots, those of all ranks added up.</param>
public sealed record SweepRecord(SweepOrder Order, ImmutableList<string> Runs, TimeSpan Used)
{
    public static SweepRecord Of(SweepOrder order) => new(order, [], TimeSpan.Zero);

    public TimeSpan? Limit => Order.DeviceHours is { } hours ? TimeSpan.FromHours(hours) : null;

    /// <summary>With what the attempts under way have held so far.</summary>
    public TimeSpan UsedAt(RunTable runs, DateTimeOffset now) => Underway(runs).Aggregate(Used, (sum, run) => sum + run.Attempt!.HeldUntil(now));

    /// <summary>When the limit will be reached, if all goes on as it does; null: never.</summary>
    public DateTimeOffset? LimitAt(RunTable runs, DateTimeOffset now)
    {
        if (Limit is not { } limit || Underway(runs).Sum(run => run.Attempt!.Ranks.Length) is not (> 0 and var ranks))
            return null;
        var left = limit - UsedAt(runs, now);
        return now + (left > TimeSpan.Zero ? left / ranks : TimeSpan.Zero) + TimeSpan.FromMilliseconds(1); // A timer may be early by less.
    }

    /// <summary>A run gives its slots back.</summary>
    public SweepRecord After(Attempt attempt, DateTimeOffset at) => this with { Used = Used + attempt.HeldUntil(at) };

    private IEnumerable<RunRecord> Underway(RunTable runs) => runs.Placed.Where(run => run.Order.Sweep == Order.Sweep);
}
