using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Serialization;

namespace JointFusion.Orchestration;

/// <summary>One run at one moment.</summary>
/// <param name="Since">When <paramref name="State"/> was entered.</param>
/// <param name="Stage">Of the latest step; null before the first.</param>
/// <param name="Generation">Attempts so far.</param>
/// <param name="Reason">Why it waits, stands still, recovers or failed, for users; null where there is nothing to explain.</param>
/// <param name="Checkpoint">Step of the newest journalled one.</param>
/// <param name="Workers">By rank; empty between attempts.</param>
/// <param name="Warning">The latest of the lowest rank that has one; null: none in this attempt.</param>
/// <param name="User">Who submitted it; null: nobody in particular.</param>
/// <param name="Stop">What its attempt is being ended for; null: it is not.</param>
/// <param name="Began">When its attempt was placed; null: it has none.</param>
/// <param name="Used">Time that ended attempts have held slots, those of all ranks added up.</param>
/// <param name="Priority">Higher ones go first.</param>
/// <param name="DeviceHours">That its attempts have held slots so far, those of all ranks added up; grows by itself, so that it makes no snapshot another one.</param>
/// <param name="OwnPriority">That a user has given it, whatever its order says; null: nobody has.</param>
public sealed record RunSnapshot(
    string Name, RunState State, DateTimeOffset Since, string? Stage, int Generation, string? Reason, int? Checkpoint,
    ImmutableArray<RankSnapshot> Workers, string? Warning = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? User = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] StopPurpose? Stop = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] DateTimeOffset? Began = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] TimeSpan Used = default,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Priority = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] double DeviceHours = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int? OwnPriority = null)
{
    public bool Equals(RunSnapshot? other) =>
        other is not null && Name == other.Name && State == other.State && Since == other.Since && Stage == other.Stage
        && Generation == other.Generation && Reason == other.Reason && Checkpoint == other.Checkpoint && Warning == other.Warning && User == other.User
        && Stop == other.Stop && Began == other.Began && Used == other.Used && Priority == other.Priority && OwnPriority == other.OwnPriority && Workers.SequenceEqual(other.Workers);

    public override int GetHashCode() => HashCode.Combine(Name, State, Generation, Checkpoint);

    /// <param name="waitsFor">The run that trains a stage of this one; null: none.</param>
    /// <param name="now">Until when an attempt under way counts; null: not at all.</param>
    public static RunSnapshot Of(RunRecord run, NodeRegistry nodes, string? waitsFor = null, DateTimeOffset? now = null) => new(
        run.Name, run.State, run.Since, run.Stage, run.Generation, ReasonOf(run, nodes, waitsFor), run.Checkpoint,
        [.. (run.Attempt?.Ranks ?? []).Select((rank, number) => RankSnapshot.Of(number, rank, nodes))],
        run.Attempt?.Ranks.Select(rank => rank.Warning).FirstOrDefault(warning => warning is not null),
        run.Order.User, run.Stop, run.Attempt?.StartedAt, run.Used, run.Order.Priority, (now is { } until ? run.UsedAt(until) : run.Used).TotalHours, run.OwnPriority);

    private static string Labels(RunOrder order) =>
        order.Labels is null ? "" : $" with {string.Join(", ", order.Labels.Select(label => $"{label.Key}={label.Value}"))}";

    private static string? ReasonOf(RunRecord run, NodeRegistry nodes, string? waitsFor)
    {
        if (run.State is RunState.Queued or RunState.Preempted && nodes.Capacity(run.Order) is var capacity && run.Order.Fewest > capacity)
            return $"waits for {run.Order.Fewest} workers{Labels(run.Order)}; the cluster has {capacity}";
        if (run.IsWaiting && waitsFor is not null)
            return $"waits for {waitsFor}, which trains a stage for both";
        if (run.Attempt is { Cause: null } attempt && HoldUp.Of(attempt, nodes) is { } heldUp)
            return heldUp;
        if (run is { State: RunState.Recovering, Attempt: null, RetryAt: { } at })
            return string.Create(CultureInfo.InvariantCulture, $"{run.Failure}; the next attempt waits {(at - run.Since).TotalSeconds:0.#} s");
        if (run.Note is not null)
            return run.Note;
        // Once steps are taken again, or a stop is asked for, what broke the attempt before explains nothing any more.
        return run.State is RunState.Training or RunState.Evaluating or RunState.Stopping ? run.Attempt?.Cause?.ToString() : run.Failure?.ToString();
    }
}

/// <param name="Pid">Of the worker process; null while it has none.</param>
public sealed record RankSnapshot(int Rank, SlotAddress Slot, int? Pid, ReplicaPhase? Phase, string Detail)
{
    public static RankSnapshot Of(int number, RankState rank, NodeRegistry nodes) =>
        new(number, rank.Slot, nodes.Find(rank.Slot)?.Pid, rank.Phase, rank.Detail);
}
