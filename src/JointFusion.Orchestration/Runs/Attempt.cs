using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>One generation of a run on its slots, from placement until every rank has ended.</summary>
/// <param name="Ranks">By rank.</param>
/// <param name="ResumeStep">Of the checkpoint it started from; null from the beginning.</param>
/// <param name="StartedAt">When it was placed.</param>
/// <param name="Cause">The failure that broke it, as far as known; null while it is whole.</param>
/// <param name="Slowest">The rank that the others wait for, step after step; null: none.</param>
public sealed record Attempt(ImmutableArray<RankState> Ranks, int? ResumeStep, DateTimeOffset StartedAt, RunFailure? Cause, int? Slowest = null)
{
    /// <summary>Where it begins, if no checkpoint of its own is there; null: at its seed.</summary>
    public SharedStart? Start { get; init; }

    public bool IsFormed => Ranks.All(rank => rank.Endpoint is not null);
    public bool IsOver => Ranks.All(rank => rank.Outcome is not null);
    public bool AllSucceeded => Ranks.All(rank => rank.Outcome is ReplicaOutcome.Succeeded);

    /// <summary>The rung that all ranks have ended at; null: not all have.</summary>
    public ReplicaOutcome.AtRung? Rung => Ranks.All(rank => rank.Outcome is ReplicaOutcome.AtRung) ? (ReplicaOutcome.AtRung)Ranks[0].Outcome! : null;

    /// <summary>Time that its slots were held, those of all ranks added up.</summary>
    public TimeSpan HeldUntil(DateTimeOffset moment) => (moment - StartedAt) * Ranks.Length;

    public static Attempt On(ImmutableArray<SlotAddress> slots, int? resumeStep, DateTimeOffset startedAt) =>
        new([.. slots.Select(slot => new RankState(slot, null, null, "", null))], resumeStep, startedAt, null);

    public Attempt Pulsed(RankPulsed pulsed)
    {
        var heard = With(pulsed.Rank, rank => rank with { Pulse = pulsed.Pulse, IsSilent = pulsed.IsSilent, Pace = rank.Pulse == pulsed.Pulse ? rank.Pace : rank.Pace.After(pulsed.Pulse) });
        return heard with { Slowest = RankPace.Slowest([.. heard.Ranks.Select(rank => rank.Pace)], Slowest) };
    }

    public Attempt With(int rank, Func<RankState, RankState> change) => this with { Ranks = Ranks.SetItem(rank, change(Ranks[rank])) };
}

/// <param name="Phase">Null until its node has reported that the slot took the work.</param>
/// <param name="Outcome">Null while it runs; from then on its slot is free again.</param>
/// <param name="Warning">The latest.</param>
/// <param name="Pulse">The latest; null before the first.</param>
/// <param name="IsSilent">No pulse has followed for too long.</param>
/// <param name="IsUnheard">Its node has not reported since the coordinator's restart.</param>
public sealed record RankState(
    SlotAddress Slot, string? Endpoint, ReplicaPhase? Phase, string Detail, ReplicaOutcome? Outcome, string? Warning = null,
    RankPulse? Pulse = null, bool IsSilent = false, bool IsUnheard = false)
{
    public RankPace Pace { get; init; } = RankPace.Unknown;
}
