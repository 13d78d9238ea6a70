using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>Idempotent by run name: a known run keeps its state and takes over the order's folder and workers. Answered by <see cref="CommandDone"/>.</summary>
public sealed record SubmitRun(RunOrder Order) : ClusterCommand, IProtocolMessage;

/// <summary>Checkpoints and ends the runs named, waiting ones at once. Answered by <see cref="CommandDone"/>, before they have ended.</summary>
public sealed record StopRuns(ImmutableArray<string> Runs) : ClusterCommand, IProtocolMessage;

/// <summary>Queues the stopped and failed among the runs named again. Answered by <see cref="CommandDone"/>.</summary>
public sealed record ResumeRuns(ImmutableArray<string> Runs) : ClusterCommand, IProtocolMessage;

/// <summary>The command is journalled.</summary>
public sealed record CommandDone : IProtocolMessage;

/// <summary>Answered by a <see cref="ClusterSnapshot"/>.</summary>
public sealed record GetSnapshot : IProtocolMessage;

/// <summary>Answers a client while the coordinator is stopped: nothing was done, and it is being started again.</summary>
public sealed record CoordinatorAway(string Reason) : IProtocolMessage;
