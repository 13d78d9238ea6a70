namespace JointFusion.Orchestration;

/// <summary>Which events end an attempt.</summary>
internal static class AttemptEnd
{
    /// <returns>When it ended; null: this is no end of one.</returns>
    public static DateTimeOffset? Of(RunEvent change) => change switch
    {
        AttemptFailed failed => failed.At,
        RunStopped stopped => stopped.At,
        RunSucceeded succeeded => succeeded.At,
        RunFailed failed => failed.At,
        RungReached reached => reached.At,
        _ => null,
    };
}
