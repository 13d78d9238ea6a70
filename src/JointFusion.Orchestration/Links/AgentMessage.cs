using System.Collections.Immutable;
using System.Text.Json.Serialization;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>Agent to worker.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Prepare), "prepare")]
[JsonDerivedType(typeof(Begin), "begin")]
[JsonDerivedType(typeof(Journalled), "journalled")]
[JsonDerivedType(typeof(Stop), "stop")]
[JsonDerivedType(typeof(Shutdown), "shutdown")]
public abstract record AgentMessage
{
    /// <summary>Listen for the peers of this attempt, and say where.</summary>
    public sealed record Prepare(ReplicaOrder Order) : AgentMessage;

    /// <summary>All peers listen: run.</summary>
    public sealed record Begin(RankAssignment Assignment) : AgentMessage;

    /// <summary>The run goes on from this step's checkpoint, whatever becomes of the coordinator.</summary>
    /// <param name="LetGo">See <see cref="SlotOrder.LetGo"/>.</param>
    public sealed record Journalled(
        string Run, int Generation, int Step, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableArray<int>? LetGo = null) : AgentMessage;

    /// <summary>Checkpoint and end this attempt.</summary>
    public sealed record Stop(string Run, int Generation) : AgentMessage;

    /// <summary>Stop whatever runs and exit.</summary>
    public sealed record Shutdown : AgentMessage;
}
