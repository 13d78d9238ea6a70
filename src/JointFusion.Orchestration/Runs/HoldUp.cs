using System.Collections.Immutable;
using System.Globalization;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>Which rank keeps a live attempt from going on, or slows it down, judged from the ranks' pulses. Pure.</summary>
/// <remarks>
/// In this order; a rank that waits in a collective for another is never the one that is named:
/// <code>
/// a rank is silent                                         its process is stopped, swaps, or its machine is gone
/// a rank is past its phase's budget, outside a collective  it computes, reads or writes
/// all wait past their budgets, in different collectives    the one that is furthest behind
/// all wait past their budgets, in the same                 the link between them
/// all go on, one waits far less than all others            it is slow: see <see cref="RankPace"/>
/// </code>
/// </remarks>
internal static class HoldUp
{
    /// <summary>For users, steady while it lasts; null: nobody does.</summary>
    public static string? Of(Attempt attempt, NodeRegistry nodes)
    {
        var ranks = attempt.Ranks
            .Select((state, number) => (Number: number, State: state))
            .Where(rank => rank.State is { Outcome: null, Pulse: not null })
            .Select(rank => new Watched(rank.Number, rank.State, nodes.Find(rank.State.Slot)?.Pid))
            .ToImmutableArray();
        if (ranks.FirstOrDefault(rank => rank.State.IsSilent) is { } silent)
            return $"{silent} is silent since {silent.Doing}: its process is stopped, or gets no processor time";
        if (ranks.Where(rank => rank.Pulse is { IsOverdue: true, Collective: null }).MaxBy(rank => rank.Pulse.Seconds / rank.Pulse.BudgetSeconds) is { } late)
            return $"{late} is stuck in {late.Doing}, past its budget of {late.Budget}";
        if (ranks.Length == attempt.Ranks.Length && ranks.All(rank => rank.Pulse.IsOverdue))
            return WaitOf(ranks);
        return ranks.FirstOrDefault(rank => rank.Number == attempt.Slowest) is { } slow ? $"{slow} is slow, mostly in {slow.State.Pace.Doing}: the others wait for it" : null;
    }

    private static string WaitOf(ImmutableArray<Watched> ranks)
    {
        var last = ranks.MinBy(rank => rank.Pulse.Collectives)!;
        return ranks.All(rank => rank.Pulse.Collectives == last.Pulse.Collectives)
            ? $"all ranks wait in {last.Doing} ({last.Pulse.Collective}), past the budget of {last.Budget}: the link between them stands still"
            : $"{last} is still in {last.Doing} ({last.Pulse.Collective}), past its budget of {last.Budget}, while others are further";
    }

    private sealed record Watched(int Number, RankState State, int? Pid)
    {
        public RankPulse Pulse => State.Pulse!;

        public string Doing => Pulse.Step == 0 ? Pulse.Doing : $"{Pulse.Doing} of step {Pulse.Step}";

        public string Budget => Pulse.BudgetSeconds.ToString("0.#", CultureInfo.InvariantCulture) + " s";

        public override string ToString() => $"rank {Number} (pid {Pid}, {State.Slot})";
    }
}
