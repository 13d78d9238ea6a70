using System.Text.Json.Serialization;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>What a worker process runs for its agent: one replica of one run. Implemented by the composition root over Training.</summary>
public interface IReplica
{
    /// <summary>Opens the data plane for this attempt and returns where peers reach it. Called before <see cref="Run"/>, on the same thread.</summary>
    /// <remarks>An attempt can be abandoned before it runs: then the next call is <see cref="Listen"/> again, and closes this one.</remarks>
    /// <exception cref="RefusedOrderException">The run's folder or its plan cannot be read here.</exception>
    string Listen(ReplicaOrder order);

    /// <summary>Trains and evaluates to the end, on the calling (dedicated) thread. Expected ends are outcomes; the unknown throws.</summary>
    /// <param name="checkpoints">What the coordinator has said of the run's checkpoints since the order, as far as is known here. From any thread.</param>
    /// <param name="stop">Asks for a checkpoint at the next step and a clean end: <see cref="ReplicaOutcome.Stopped"/>.</param>
    ReplicaOutcome Run(ReplicaOrder order, RankAssignment assignment, IReplicaReports reports, Func<KnownCheckpoints> checkpoints, CancellationToken stop);
}

/// <summary>What a replica is asked to do.</summary>
/// <param name="RunFolder">Absolute; holds plan.json.</param>
/// <param name="ResumeStep">The newest checkpoint the coordinator has journalled; null starts from the beginning.</param>
/// <param name="OneNode">Whether all ranks are on the same machine.</param>
/// <param name="Start">Where it begins without <paramref name="ResumeStep"/>, if that can be read; null: at its seed.</param>
/// <param name="Rung">Step at which it is evaluated and ends, unless it is beyond; null: it goes on to its end.</param>
public sealed record ReplicaOrder(
    string Run, int Generation, string RunFolder, int Rank, int WorldSize, int? ResumeStep, bool OneNode,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int? Rung = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] SharedStart? Start = null);

/// <summary>What a replica tells while it runs. Never blocks a step.</summary>
public interface IReplicaReports
{
    void Phase(ReplicaPhase phase, string detail);
    void Step(StepMetrics metrics);

    /// <summary>A whole checkpoint is on disk (rank 0 only).</summary>
    void Checkpoint(int step);

    /// <summary>Something for a human's eye that does not end the run. From any thread.</summary>
    void Warning(string message);

    /// <summary>Once a second while it runs; silence is taken for a stuck process. From any thread.</summary>
    void Pulse(RankPulse pulse);
}

public enum ReplicaPhase { Starting, Connecting, CheckingGradients, LoadingData, Resuming, Training, Evaluating }

/// <summary>How a replica ended.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Succeeded), "succeeded")]
[JsonDerivedType(typeof(Stopped), "stopped")]
[JsonDerivedType(typeof(AtRung), "at_rung")]
[JsonDerivedType(typeof(Failed), "failed")]
public abstract record ReplicaOutcome
{
    public sealed record Succeeded : ReplicaOutcome;

    /// <param name="Step">Of the checkpoint taken.</param>
    public sealed record Stopped(int Step) : ReplicaOutcome;

    /// <summary>It came to <see cref="ReplicaOrder.Rung"/>, took its checkpoint and was evaluated.</summary>
    /// <param name="Metric">Its name, such as recall.</param>
    /// <param name="Value">The higher the better.</param>
    public sealed record AtRung(int Step, string Metric, double Value) : ReplicaOutcome;

    public sealed record Failed(FailureKind Kind, string Message) : ReplicaOutcome;
}

/// <summary>Those of a peer, a process and a node are retried from the last checkpoint; the others are not.</summary>
public enum FailureKind { PeerLost, Crashed, BadInput, WrongGradients, NonFinite, OutOfMemory, Unhealthy, NodeLost }
