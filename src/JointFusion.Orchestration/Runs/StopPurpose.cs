namespace JointFusion.Orchestration;

/// <summary>What an attempt is ended for, the weakest first: a stronger one takes the place of a weaker one that is under way.</summary>
public enum StopPurpose
{
    /// <summary>Others need its slots: checkpoint, then back to the queue.</summary>
    Yield,

    /// <summary>Checkpoint, then wait to be resumed.</summary>
    Pause,

    /// <summary>End soon, with time for no more than a quick checkpoint.</summary>
    Cancel,
}
