using System.Collections.Immutable;
using System.Text.Json.Serialization;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>Coordinator to agent: all that the node's slots should be doing. A slot not named should be doing nothing.</summary>
/// <param name="Term">Of the coordinator: orders of a lower one than the agent has seen are of one that leads no more. Null: of a version that had none.</param>
public sealed record NodeOrders(
    string Node, ImmutableArray<SlotOrder> Slots, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long? Term = null) : IProtocolMessage;

/// <param name="Assignment">Null until every rank of the attempt listens.</param>
/// <param name="Journalled">Step of the run's newest journalled checkpoint; null: none yet.</param>
/// <param name="LetGo">Ends of stages in common with other runs at which none of them will begin here: they are retired as any other checkpoint; null: none.</param>
public sealed record SlotOrder(
    int Slot, ReplicaOrder Order, RankAssignment? Assignment, Ending Ending, int? Journalled = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] ImmutableArray<int>? LetGo = null);

/// <summary>Whether an attempt is to go on. Both ends ask the replica to stop; they differ in how long it may take before it is killed.</summary>
public enum Ending
{
    None,

    /// <summary>To go on later: there is time for a checkpoint.</summary>
    Stop,

    /// <summary>The attempt is broken or cancelled: the slot is needed soon.</summary>
    Abort,
}
