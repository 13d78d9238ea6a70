namespace JointFusion.Orchestration;

/// <summary>Something that happened to a node or a slot.</summary>
public interface INodeEvent : IClusterStateEvent;

public sealed record NodeUpdated(NodeReport Report) : INodeEvent;

public sealed record NodeRemoved(string Node) : INodeEvent;

/// <summary>From now on the node gets no new ranks; those it has yield.</summary>
/// <param name="By">The user who asked for it; null: nobody is named.</param>
public sealed record NodeDraining(string Node, DateTimeOffset At, string? By = null) : INodeEvent, IJournalEvent;

/// <summary>The slot gets no ranks, until it is released.</summary>
/// <param name="Until">Then by itself.</param>
/// <param name="Reason">For users.</param>
public sealed record SlotQuarantined(SlotAddress Slot, DateTimeOffset At, DateTimeOffset Until, string Reason) : INodeEvent, IJournalEvent;

/// <param name="By">The user who asked for it; null: its time was over, or nobody is named.</param>
public sealed record SlotReleased(SlotAddress Slot, DateTimeOffset At, string? By = null) : INodeEvent, IJournalEvent;

/// <param name="By">The user who asked for it; null: nobody is named.</param>
public sealed record NodeUndrained(string Node, DateTimeOffset At, string? By = null) : INodeEvent, IJournalEvent;
