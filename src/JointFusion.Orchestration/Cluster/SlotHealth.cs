using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>Which slots' workers crash whatever run they have, so that the device is the likelier cause. Pure.</summary>
/// <param name="Crashes">By slot: the different runs that its workers crashed under, since one of its ranks last ended well.</param>
/// <param name="Quarantined">By slot: kept from runs.</param>
public sealed record SlotHealth(ImmutableDictionary<SlotAddress, ImmutableList<string>> Crashes, ImmutableDictionary<SlotAddress, SlotQuarantine> Quarantined)
{
    public static SlotHealth Empty { get; } = new(ImmutableDictionary<SlotAddress, ImmutableList<string>>.Empty, ImmutableDictionary<SlotAddress, SlotQuarantine>.Empty);

    /// <summary>The slot that broke an attempt by a crash of its own; null: something else did, or the attempt was ending anyway.</summary>
    public static SlotAddress? Culprit(RunRecord run, AttemptBroken broken) =>
        run.Stop is null && broken.Failure is { Kind: FailureKind.Crashed, Rank: { } rank } ? run.Attempt!.Ranks[rank].Slot : null;

    /// <param name="run">As it was before.</param>
    public SlotHealth After(RunRecord run, RunEvent change) => change switch
    {
        AttemptBroken broken when Culprit(run, broken) is { } slot && !CrashesOf(slot).Contains(run.Name) => this with { Crashes = Crashes.SetItem(slot, CrashesOf(slot).Add(run.Name)) },
        RankEnded ended when EndedWell(run.Attempt!, ended) => Forgiven(run.Attempt!.Ranks[ended.Rank].Slot),
        _ => this,
    };

    public SlotHealth With(SlotQuarantine quarantine) => this with { Quarantined = Quarantined.SetItem(quarantine.Slot, quarantine) };

    public SlotHealth Without(SlotAddress slot) => Forgiven(slot) with { Quarantined = Quarantined.Remove(slot) };

    /// <summary>What has to be done about a slot that has just crashed; null: nothing yet.</summary>
    /// <param name="slots">Of the cluster.</param>
    public SlotQuarantined? Verdict(SlotAddress slot, string failure, int slots, ClusterLimits limits, DateTimeOffset now)
    {
        var runs = CrashesOf(slot);
        return runs.Count < limits.SlotCrashes || Quarantined.ContainsKey(slot) || Quarantined.Count + 1 > limits.MostQuarantined * slots
            ? null
            : new SlotQuarantined(slot, now, now + limits.QuarantineTime, $"its workers crashed under {runs.Count} runs, one after another ({string.Join(", ", runs)}); the last: {failure}");
    }

    /// <summary>It trained as long as it was to: one that was stopped since others crashed might have been the next to crash.</summary>
    private static bool EndedWell(Attempt attempt, RankEnded ended) =>
        ended.Outcome is ReplicaOutcome.Succeeded or ReplicaOutcome.AtRung
        || (attempt.Cause is null && ended.Outcome is ReplicaOutcome.Stopped stopped && stopped.Step > (attempt.ResumeStep ?? 0));

    /// <summary>How many different runs its workers crashed under, since one of its ranks last ended well.</summary>
    public int CrashesOf(string node, int slot) => Crashes.IsEmpty ? 0 : CrashesOf(new SlotAddress(node, slot)).Count;

    private ImmutableList<string> CrashesOf(SlotAddress slot) => Crashes.GetValueOrDefault(slot) ?? [];

    private SlotHealth Forgiven(SlotAddress slot) => Crashes.ContainsKey(slot) ? this with { Crashes = Crashes.Remove(slot) } : this;
}

/// <summary>A slot that gets no ranks for a time, or until it is released.</summary>
/// <param name="Reason">For users.</param>
public sealed record SlotQuarantine(SlotAddress Slot, DateTimeOffset Since, DateTimeOffset Until, string Reason);
