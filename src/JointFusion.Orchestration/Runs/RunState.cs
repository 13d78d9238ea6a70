namespace JointFusion.Orchestration;

/// <summary>Where a run stands. The moves between them are the table at the top of <see cref="RunLifecycle"/>.</summary>
/// <remarks>
/// A run is queued with its submission, so that there is no state before; and one that was stopped to go on later is paused, whether its user
/// asked for that run alone or left with all of them.
/// </remarks>
public enum RunState
{
    /// <summary>Waits for slots, for the first time, or since its user resumed it.</summary>
    Queued,

    /// <summary>Has its slots; the orders are on their way to the nodes.</summary>
    Placing,

    /// <summary>Every node has taken it; its ranks listen, connect, load and resume. Ends with the first step.</summary>
    Starting,

    /// <summary>Takes steps; <see cref="RunRecord.Stage"/> names the stage.</summary>
    Training,

    Evaluating,

    /// <summary>An attempt broke: its survivors are being ended, then the run waits for slots to go on from its newest journalled checkpoint.</summary>
    Recovering,

    /// <summary>Asked to end its attempt; <see cref="RunRecord.Stop"/> says what for.</summary>
    Stopping,

    /// <summary>Ended on request, with a checkpoint where there was time for one; waits to be resumed.</summary>
    Paused,

    /// <summary>Gave its slots up for others: waits for slots again by itself, to go on from its checkpoint. No failure.</summary>
    Preempted,

    /// <summary>Ended on request, with time for no more than a quick checkpoint; goes on only if it is resumed all the same.</summary>
    Cancelled,

    /// <summary>Has come to a rung of its sweep, with a checkpoint and without slots: whether it goes on is for <see cref="Asha"/> to say.</summary>
    Held,

    /// <summary>Ended at a rung, since others were better there; goes on only if more runs make it one of the best after all.</summary>
    Pruned,

    Succeeded,

    /// <summary>Ended for the reason given; can be resumed once that is put right.</summary>
    Failed,
}

public static class RunStates
{
    /// <summary>True where nothing more happens by itself.</summary>
    public static bool IsTerminal(this RunState state) => state is RunState.Paused or RunState.Cancelled or RunState.Pruned or RunState.Succeeded or RunState.Failed;
}
