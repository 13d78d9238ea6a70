using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>What subscribers are told. Steps may be left out where a subscriber lags; the rest never is.</summary>
public abstract record ClusterEvent;

/// <summary>Anything in the snapshot has changed; also sent for each run when it is submitted.</summary>
public sealed record RunChanged(RunSnapshot Run) : ClusterEvent;

public sealed record StepReported(StepMetrics Metrics) : ClusterEvent;

public sealed record PhaseReported(string Run, int Generation, int Rank, ReplicaPhase Phase, string Detail) : ClusterEvent;

/// <summary>A checkpoint is journalled: from now on a restart goes on from it.</summary>
public sealed record CheckpointReported(string Run, int Generation, int Step) : ClusterEvent;

/// <summary>Something for a human's eye that does not end the run.</summary>
public sealed record WarningReported(string Run, int Generation, int Rank, string Message) : ClusterEvent;

/// <param name="Reason">Exit code or signal and the last lines of its standard error.</param>
public sealed record WorkerExited(SlotAddress Slot, int Pid, string Reason) : ClusterEvent;

/// <summary>A node or a slot is kept from runs, or is theirs again.</summary>
public sealed record RoomChanged(string Message) : ClusterEvent;

/// <summary>The coordinator cannot go on, most often since its journal cannot be written. Nothing follows, unless it is started again.</summary>
public sealed record CoordinatorFailed(string Reason) : ClusterEvent;
