using System.Collections.Immutable;
using System.Text.Json.Serialization;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>A change of the cluster's state. Those that are not journalled are told anew by the nodes after the coordinator's restart.</summary>
public interface IClusterStateEvent;

/// <summary>Written to the journal before it takes effect: what a restarted coordinator has to know.</summary>
public interface IJournalEvent : IClusterStateEvent, IProtocolMessage;

/// <summary>Something that happened to one run.</summary>
public abstract record RunEvent(string Run) : IClusterStateEvent;

/// <summary>Ends the run's attempt, if it has one: its slots are free.</summary>
public interface IAttemptEnd
{
    DateTimeOffset At { get; }
}

public sealed record RunSubmitted(string Run, RunOrder Order, DateTimeOffset At) : RunEvent(Run), IJournalEvent;

/// <summary>The journal was lost: what the run's folder says of it. Follows on its submission.</summary>
/// <param name="Generation">Higher than any that may still be at work.</param>
/// <param name="Checkpoint">Step of the newest whole one; null: it begins anew.</param>
/// <param name="HasSucceeded">Its results are there; else it is queued, or waits at the last of its rungs.</param>
/// <param name="Rungs">What it was measured at, in their order; null: nothing.</param>
/// <param name="State">Paused, cancelled or failed, as it was noted; null: none of them.</param>
/// <param name="Reason">Of that, for users; null: nobody was named.</param>
/// <param name="Used">Time that its attempts have held slots, as far as it was noted; null: none.</param>
public sealed record RunRebuilt(
    string Run, int Generation, int? Checkpoint, bool HasSucceeded, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableArray<RungResult>? Rungs = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] RunState? State = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] string? Reason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] TimeSpan? Used = null) : RunEvent(Run), IJournalEvent
{
    /// <summary>It has not come beyond: whether it may is asked anew.</summary>
    [JsonIgnore]
    public bool IsAtRung => !HasSucceeded && Rungs is [.., var last] && (Checkpoint ?? 0) <= last.Step;
}

public sealed record RunRevised(string Run, RunOrder Order) : RunEvent(Run), IJournalEvent;

/// <summary>A user has said what its priority is, whatever its order says.</summary>
/// <param name="By">Null: nobody is named.</param>
public sealed record RunPrioritised(string Run, int Priority, DateTimeOffset At, string? By = null) : RunEvent(Run), IJournalEvent;

/// <param name="ResumeStep">Of the newest journalled checkpoint.</param>
/// <param name="Start">Of another run's, where there is none; null: the seed.</param>
public sealed record AttemptStarted(
    string Run, int Generation, int? ResumeStep, ImmutableArray<SlotAddress> Slots, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SharedStart? Start = null) : RunEvent(Run), IJournalEvent;

/// <summary>Every node has taken the attempt.</summary>
public sealed record AttemptPlaced(string Run, int Generation, DateTimeOffset At) : RunEvent(Run), IJournalEvent;

public sealed record StageEntered(string Run, int Generation, string Stage, DateTimeOffset At) : RunEvent(Run), IJournalEvent;

public sealed record EvaluationEntered(string Run, int Generation, DateTimeOffset At) : RunEvent(Run), IJournalEvent;

public sealed record CheckpointTaken(string Run, int Generation, int Step) : RunEvent(Run), IJournalEvent;

/// <summary>Every rank of a broken attempt has ended, and another may follow.</summary>
/// <param name="FruitlessAttempts">In a row, this one included, that came no further than the ones before.</param>
/// <param name="FurthestStep">That any attempt has reached.</param>
/// <param name="RetryAt">Not tried again before; null: at once.</param>
public sealed record AttemptFailed(
    string Run, int Generation, RunFailure Failure, int FruitlessAttempts, int FurthestStep, DateTimeOffset At, DateTimeOffset? RetryAt = null) : RunEvent(Run), IJournalEvent, IAttemptEnd;

/// <param name="Purpose">May follow on another one, and then takes its place.</param>
/// <param name="Reason">For users; null: nobody is named.</param>
/// <param name="Keeps">Slots that it is to have again at once; null: none.</param>
public sealed record StopRequested(
    string Run, DateTimeOffset At, StopPurpose Purpose = StopPurpose.Pause, string? Reason = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int? Keeps = null) : RunEvent(Run), IJournalEvent;

/// <param name="Reason">For users; null: nobody is named.</param>
public sealed record RunStopped(string Run, DateTimeOffset At, StopPurpose Purpose = StopPurpose.Pause, string? Reason = null) : RunEvent(Run), IJournalEvent, IAttemptEnd;

/// <param name="Reason">For users; null: nobody is named.</param>
public sealed record RunResumed(string Run, DateTimeOffset At, string? Reason = null) : RunEvent(Run), IJournalEvent;

/// <summary>Every rank has ended at the rung of this step, with a checkpoint of it.</summary>
/// <param name="Metric">Such as recall.</param>
/// <param name="Value">The higher the better.</param>
public sealed record RungReached(string Run, int Generation, int Step, string Metric, double Value, DateTimeOffset At) : RunEvent(Run), IJournalEvent, IAttemptEnd;

/// <summary>Goes on beyond its rung.</summary>
/// <param name="Reason">For users.</param>
public sealed record RunPromoted(string Run, DateTimeOffset At, string Reason) : RunEvent(Run), IJournalEvent;

/// <param name="Reason">For users.</param>
public sealed record RunPruned(string Run, DateTimeOffset At, string Reason) : RunEvent(Run), IJournalEvent;

public sealed record RunSucceeded(string Run, int Generation, DateTimeOffset At) : RunEvent(Run), IJournalEvent, IAttemptEnd;

public sealed record RunFailed(string Run, int Generation, RunFailure Failure, DateTimeOffset At) : RunEvent(Run), IJournalEvent, IAttemptEnd;

public sealed record RankPhaseChanged(string Run, int Generation, int Rank, ReplicaPhase Phase, string Detail) : RunEvent(Run);

public sealed record RankListened(string Run, int Generation, int Rank, string Endpoint) : RunEvent(Run);

public sealed record RankWarned(string Run, int Generation, int Rank, string Message) : RunEvent(Run);

public sealed record RankPulsed(string Run, int Generation, int Rank, RankPulse Pulse, bool IsSilent) : RunEvent(Run);

public sealed record StepTaken(string Run, int Generation, int Step) : RunEvent(Run);

/// <summary>The coordinator was restarted and knows from its journal alone that this rank may be at work.</summary>
public sealed record RankUnheard(string Run, int Generation, int Rank) : RunEvent(Run);

/// <summary>From now on the rank's slot is free.</summary>
public sealed record RankEnded(string Run, int Generation, int Rank, ReplicaOutcome Outcome) : RunEvent(Run), IJournalEvent;

/// <summary>An attempt failed, or a failure closer to the cause was seen: the ranks still alive are to be ended.</summary>
public sealed record AttemptBroken(string Run, int Generation, RunFailure Failure, DateTimeOffset At) : RunEvent(Run), IJournalEvent;
