namespace JointFusion.Orchestration;

/// <summary>The node agent's times. Bound from configuration with the rest of <see cref="OrchestrationSettings"/>.</summary>
public sealed record AgentSettings
{
    /// <summary>The full state is reported on every change, and at least this often. Default 2 s.</summary>
    public TimeSpan ReportInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A worker that has not said hello by then is killed. Default 60 s.</summary>
    public TimeSpan HelloTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A rank of a broken attempt that has not ended by then is killed: it may wait for a peer whose machine is gone. Default 5 s.</summary>
    public TimeSpan AbortTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A rank asked by the user to stop has this long for its checkpoint; then it is killed. Default 60 s.</summary>
    public TimeSpan StopTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>At the agent's end, workers have this long to exit; then they are killed. Default 10 s.</summary>
    public TimeSpan ShutdownTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A rank without a pulse for so long counts as silent; a healthy one has one a second. Default 5 s.</summary>
    public TimeSpan SilenceTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A rank that stays silent for so long is killed, and its run goes on from the last checkpoint. Default 10 min.</summary>
    public TimeSpan LongestSilence { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Pause before a dead worker is started again; doubled for each further one that dies before its hello. Default 0.2 s.</summary>
    public TimeSpan RespawnPause { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>The longest such pause. Default 10 s.</summary>
    public TimeSpan LongestRespawnPause { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan PauseAfter(int failedStarts)
    {
        var pause = RespawnPause * Math.Pow(2, Math.Clamp(failedStarts - 1, 0, 16));
        return pause < LongestRespawnPause ? pause : LongestRespawnPause;
    }
}
