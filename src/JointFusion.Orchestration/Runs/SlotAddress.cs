namespace JointFusion.Orchestration;

/// <summary>One worker's place in the cluster.</summary>
/// <param name="Slot">From 0, within the node.</param>
public sealed record SlotAddress(string Node, int Slot);
