namespace JointFusion.Orchestration;

/// <summary>Where a run stands. The moves between them are the table at the top of <see cref="RunLifecycle"/>.</summary>
public enum RunState
{
    /// <summary>Waits for slots, in submission order.</summary>
    Queued,

    /// <summary>Has its slots; its ranks listen, connect, load and resume. Ends with the first step.</summary>
    Starting,

    /// <summary>Takes steps; <see cref="RunRecord.Stage"/> names the stage.</summary>
    Training,

    Evaluating,

    /// <summary>An attempt broke: its survivors are being ended, then the run waits for slots to go on from its newest journalled checkpoint.</summary>
    Recovering,

    /// <summary>Asked to stop: its ranks checkpoint and end.</summary>
    Stopping,

    /// <summary>Ended on request; can be resumed.</summary>
    Stopped,

    Succeeded,

    /// <summary>Ended for the reason given; can be resumed once that is put right.</summary>
    Failed,
}

public static class RunStates
{
    /// <summary>True where nothing more happens by itself.</summary>
    public static bool IsTerminal(this RunState state) => state is RunState.Stopped or RunState.Succeeded or RunState.Failed;
}
