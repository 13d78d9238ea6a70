using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Orchestration;

/// <summary>Coordinator to agent: all that the node's slots should be doing. A slot not named should be doing nothing.</summary>
public sealed record NodeOrders(string Node, ImmutableArray<SlotOrder> Slots) : IProtocolMessage;

/// <param name="Assignment">Null until every rank of the attempt listens.</param>
/// <param name="Journalled">Step of the run's newest journalled checkpoint; null: none yet.</param>
public sealed record SlotOrder(int Slot, ReplicaOrder Order, RankAssignment? Assignment, Ending Ending, int? Journalled = null);

/// <summary>Whether an attempt is to go on. Both ends ask the replica to stop; they differ in how long it may take before it is killed.</summary>
public enum Ending
{
    None,

    /// <summary>To go on later: there is time for a checkpoint.</summary>
    Stop,

    /// <summary>The attempt is broken or cancelled: the slot is needed soon.</summary>
    Abort,
}
