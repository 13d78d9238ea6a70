using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>What a client asks. It is answered in any case: while the coordinator is stopped, by <see cref="CoordinatorAway"/>.</summary>
public interface IClientRequest : IProtocolMessage;

/// <summary>Idempotent by run name: a known run keeps its state and takes over the order's folder and workers. Answered by <see cref="CommandDone"/>.</summary>
public sealed record SubmitRun(RunOrder Order) : ClusterCommand, IClientRequest;

/// <summary>Idempotent by the sweep's name, whose order it replaces. Answered by <see cref="CommandDone"/>.</summary>
public sealed record SubmitSweep(SweepOrder Order) : ClusterCommand, IClientRequest;

/// <summary>Pauses the runs named: each takes a checkpoint and ends, a waiting one ends at once. Answered by <see cref="CommandDone"/>, before they have ended.</summary>
/// <param name="By">The user who asks, shown with the run; null: nobody is named.</param>
public sealed record StopRuns(ImmutableArray<string> Runs, string? By = null) : ClusterCommand, IClientRequest;

/// <summary>Ends the runs named soon, with time for no more than a quick checkpoint; paused ones are not resumed by accident any more. Answered by <see cref="CommandDone"/>, before they have ended.</summary>
/// <param name="By">The user who asks, shown with the run; null: nobody is named.</param>
public sealed record CancelRuns(ImmutableArray<string> Runs, string? By = null) : ClusterCommand, IClientRequest;

/// <summary>Queues the paused, cancelled and failed among the runs named again; one that is still on its way to a stop goes on after it. Answered by <see cref="CommandDone"/>.</summary>
/// <param name="By">The user who asks, shown with the run; null: nobody is named.</param>
public sealed record ResumeRuns(ImmutableArray<string> Runs, string? By = null) : ClusterCommand, IClientRequest;

/// <summary>Gives the runs named another priority than their orders, at once and for good: waiting ones are placed by it, running ones keep or yield their slots by it. Answered by <see cref="CommandDone"/>.</summary>
/// <param name="By">The user who asks; null: nobody is named.</param>
public sealed record PrioritiseRuns(ImmutableArray<string> Runs, int Priority, string? By = null) : ClusterCommand, IClientRequest;

/// <summary>The node gets no new ranks, and the runs on it go elsewhere from their next checkpoint. Answered by <see cref="CommandDone"/>, before they have left.</summary>
/// <param name="By">The user who asks; null: nobody is named.</param>
public sealed record DrainNode(string Node, string? By = null) : ClusterCommand, IClientRequest;

/// <summary>The node is as before it was drained. Answered by <see cref="CommandDone"/>.</summary>
/// <param name="By">The user who asks; null: nobody is named.</param>
public sealed record UndrainNode(string Node, string? By = null) : ClusterCommand, IClientRequest;

/// <summary>Ends a slot's quarantine. Answered by <see cref="CommandDone"/>.</summary>
/// <param name="By">The user who asks; null: nobody is named.</param>
public sealed record ReleaseSlot(SlotAddress Slot, string? By = null) : ClusterCommand, IClientRequest;

/// <summary>The command is journalled.</summary>
public sealed record CommandDone : IProtocolMessage;

/// <summary>Answered by a <see cref="ClusterSnapshot"/>.</summary>
public sealed record GetSnapshot : IClientRequest;

/// <summary>Answers a client while the coordinator is stopped: nothing was done, and it is being started again.</summary>
public sealed record CoordinatorAway(string Reason) : IProtocolMessage;
