using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>Nodes, workers and runs at one moment.</summary>
/// <param name="Runs">In submission order.</param>
public sealed record LiveCluster(ImmutableArray<LiveNode> Nodes, ImmutableArray<LiveRun> Runs)
{
    public static LiveCluster Empty { get; } = new([], []);
}

/// <param name="Labels">What runs may ask of it, as name=value.</param>
/// <param name="IsDraining">It gets no new ranks, and its runs go elsewhere.</param>
/// <param name="Vitals">Of its machine; null: it does not say.</param>
/// <param name="HeardAt">When its latest word came, by the clock of whoever tells this; null: it is not known.</param>
/// <param name="IsLost">It was there and is no more: what is told of it is the last that is known.</param>
public sealed record LiveNode(
    string Name, ImmutableArray<LiveWorker> Workers, ImmutableArray<string> Labels, bool IsDraining = false, LiveVitals? Vitals = null,
    DateTimeOffset? HeardAt = null, bool IsLost = false);

/// <param name="Load">Processes that ran or wanted to, mean of the last minute.</param>
/// <param name="MemoryUsed">Bytes, as <paramref name="MemoryTotal"/>.</param>
/// <param name="At">By the node's clock.</param>
/// <param name="Celsius">Of the hottest sensor in its CPUs; null: it shows none.</param>
public sealed record LiveVitals(double Load, int Cores, long MemoryUsed, long MemoryTotal, DateTimeOffset At, double? Celsius = null);

/// <param name="Slot">From 0, within the node.</param>
/// <param name="Pid">Null while no process lives.</param>
/// <param name="Run">Null while idle.</param>
/// <param name="Phase">What it does now, such as idle, starting, training, evaluating or quarantined.</param>
public sealed record LiveWorker(int Slot, int? Pid, string? Run, int? Rank, string Phase, string Detail);

/// <param name="Since">When the state was entered.</param>
/// <param name="Stage">Of the latest step; null before the first.</param>
/// <param name="Generation">Attempts so far.</param>
/// <param name="Checkpoint">Step of the newest one that a restart would go on from.</param>
/// <param name="Reason">Why it waits, recovers or failed; null where there is nothing to explain.</param>
/// <param name="User">Who submitted it; null: nobody in particular.</param>
/// <param name="Priority">Higher ones are placed first.</param>
/// <param name="DeviceHours">That its attempts have held workers so far, those of all ranks added up.</param>
public sealed record LiveRun(
    string Name, LiveRunState State, DateTimeOffset Since, string? Stage, int Generation, int? Checkpoint, string? Reason, string? User = null, int Priority = 0,
    double DeviceHours = 0);

public enum LiveRunState { Queued, Placing, Starting, Training, Evaluating, Recovering, Stopping, Paused, Preempted, Cancelled, Held, Pruned, Succeeded, Failed }

public static class LiveRunStates
{
    /// <summary>True where nothing more happens by itself.</summary>
    public static bool IsTerminal(this LiveRunState state) => state is LiveRunState.Paused or LiveRunState.Cancelled or LiveRunState.Pruned or LiveRunState.Succeeded or LiveRunState.Failed;
}
