using System.Text.Json.Serialization;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>Worker to agent.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Hello), "hello")]
[JsonDerivedType(typeof(Listening), "listening")]
[JsonDerivedType(typeof(Phase), "phase")]
[JsonDerivedType(typeof(Step), "step")]
[JsonDerivedType(typeof(Checkpoint), "checkpoint")]
[JsonDerivedType(typeof(Warning), "warning")]
[JsonDerivedType(typeof(Pulse), "pulse")]
[JsonDerivedType(typeof(Ended), "ended")]
public abstract record WorkerMessage
{
    /// <summary>The first word: takes work from now on.</summary>
    public sealed record Hello(int Pid) : WorkerMessage;

    /// <summary>A word about one attempt.</summary>
    public abstract record OfAttempt(string Run, int Generation) : WorkerMessage;

    /// <param name="Endpoint">host:port of the data plane's listening socket.</param>
    public sealed record Listening(string Run, int Generation, string Endpoint) : OfAttempt(Run, Generation);

    public sealed record Phase(string Run, int Generation, ReplicaPhase Value, string Detail) : OfAttempt(Run, Generation);

    /// <summary>The only message that may be left out when the link lags.</summary>
    public sealed record Step(string Run, int Generation, StepMetrics Metrics) : OfAttempt(Run, Generation);

    /// <param name="At">Steps done.</param>
    public sealed record Checkpoint(string Run, int Generation, int At) : OfAttempt(Run, Generation);

    public sealed record Warning(string Run, int Generation, string Message) : OfAttempt(Run, Generation);

    public sealed record Pulse(string Run, int Generation, RankPulse Value) : OfAttempt(Run, Generation);

    /// <param name="DroppedSteps">Step messages of this worker, so far, that were left out.</param>
    public sealed record Ended(string Run, int Generation, ReplicaOutcome Outcome, long DroppedSteps) : OfAttempt(Run, Generation);
}
