namespace JointFusion.Dashboard;

/// <summary>What a slot is good for now.</summary>
public enum SlotCondition
{
    Busy,
    Idle,

    /// <summary>Its worker process is not ready yet, or again.</summary>
    Starting,

    /// <summary>It gets no ranks: workers crashed on it under one run after another.</summary>
    Quarantined,

    /// <summary>Free, on a node that gets no ranks.</summary>
    Drained,

    /// <summary>Its node is gone.</summary>
    Lost,
}

public static class SlotConditions
{
    public static SlotCondition Of(LiveNode node, LiveWorker worker) => (node, worker) switch
    {
        ({ IsLost: true }, _) => SlotCondition.Lost,
        (_, { Run: not null }) => SlotCondition.Busy,
        (_, { Phase: "quarantined" }) => SlotCondition.Quarantined,
        ({ IsDraining: true }, _) => SlotCondition.Drained,
        (_, { Phase: "starting" }) => SlotCondition.Starting,
        _ => SlotCondition.Idle,
    };
}
