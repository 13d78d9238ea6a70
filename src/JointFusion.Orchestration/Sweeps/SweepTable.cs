using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>All sweeps: which runs are theirs, and what these have used. Pure.</summary>
/// <param name="Sweeps">By name.</param>
/// <param name="Sharers">By the key of a stage that several runs have in common: these, in submission order.</param>
public sealed record SweepTable(ImmutableSortedDictionary<string, SweepRecord> Sweeps, ImmutableDictionary<string, ImmutableList<string>> Sharers)
{
    public static SweepTable Empty { get; } = new(
        ImmutableSortedDictionary.Create<string, SweepRecord>(StringComparer.Ordinal), ImmutableDictionary.Create<string, ImmutableList<string>>(StringComparer.Ordinal));

    public ImmutableList<string> SharersOf(string key) => Sharers.GetValueOrDefault(key) ?? [];

    public SweepRecord? Find(string? sweep) => sweep is not null && Sweeps.TryGetValue(sweep, out var known) ? known : null;

    public SweepTable Apply(ISweepEvent change) => change switch
    {
        SweepSubmitted submitted => With(Find(submitted.Order.Sweep) is { } known ? known with { Order = submitted.Order } : SweepRecord.Of(submitted.Order)),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "A sweep event without a rule."),
    };

    /// <param name="run">As it was before; null: it is new.</param>
    public SweepTable After(RunRecord? run, RunEvent change)
    {
        switch (change)
        {
            case RunSubmitted submitted:
                return Joined(submitted.Order);
            case RunRevised revised when revised.Order.Sweep != run!.Order.Sweep || !(revised.Order.Shared ?? []).SequenceEqual(run.Order.Shared ?? []):
                return run.Order.Sweep == revised.Order.Sweep ? Shared(run.Order, revised.Order) : Left(run.Order).Joined(revised.Order);
            case RunRebuilt rebuilt when Find(run!.Order.Sweep) is { } sweep:
                return With(sweep with { Used = sweep.Used + (rebuilt.Used ?? TimeSpan.Zero) });
            case IAttemptEnd end when run!.Attempt is { } attempt && Find(run.Order.Sweep) is { } sweep:
                return With(sweep.After(attempt, end.At));
            default:
                return this;
        }
    }

    /// <summary>A run may be heard of before its sweep, which then asks for nothing yet.</summary>
    private SweepTable Joined(RunOrder run)
    {
        if (run.Sweep is null)
            return this;
        var sweep = Find(run.Sweep) ?? SweepRecord.Of(new SweepOrder(run.Sweep));
        var sharers = (run.Shared ?? []).Aggregate(Sharers, (all, shared) => all.SetItem(shared.Key, (all.GetValueOrDefault(shared.Key) ?? []).Add(run.Run)));
        return With(sweep with { Runs = sweep.Runs.Add(run.Run) }) with { Sharers = sharers };
    }

    private SweepTable Left(RunOrder run)
    {
        if (Find(run.Sweep) is not { } sweep)
            return this;
        var sharers = (run.Shared ?? []).Aggregate(Sharers, (all, shared) => all.SetItem(shared.Key, SharersOf(shared.Key).Remove(run.Run)));
        return With(sweep with { Runs = sweep.Runs.Remove(run.Run) }) with { Sharers = sharers };
    }

    /// <summary>Of the stages that both orders name it keeps its place.</summary>
    private SweepTable Shared(RunOrder before, RunOrder after)
    {
        string[] had = [.. (before.Shared ?? []).Select(shared => shared.Key)], has = [.. (after.Shared ?? []).Select(shared => shared.Key)];
        var without = had.Except(has).Aggregate(Sharers, (all, key) => all.SetItem(key, SharersOf(key).Remove(after.Run)));
        return this with { Sharers = has.Except(had).Aggregate(without, (all, key) => all.SetItem(key, SharersOf(key).Add(after.Run))) };
    }

    private SweepTable With(SweepRecord sweep) => this with { Sweeps = Sweeps.SetItem(sweep.Order.Sweep, sweep) };
}
