namespace JointFusion.Orchestration;

/// <summary>When the coordinator gives up. Bound from configuration with the rest of <see cref="OrchestrationSettings"/>.</summary>
public sealed record ClusterLimits
{
    /// <summary>Attempts in a row that come no further than those before; then the run has failed. Default 5.</summary>
    public int FruitlessAttempts { get; init; } = 5;

    /// <summary>
    /// Wait before the attempt after the second fruitless one in a row, doubled with each that follows; the first is tried again at once. Default 1 s.
    /// </summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Default 60 s.</summary>
    public TimeSpan LongestRetryDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After its own restart the coordinator waits so long for the nodes on which its runs go on; then they count as lost. Default 20 s.</summary>
    public TimeSpan AdoptionTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Workers of one slot in a row that die before they say hello; then the slot counts as broken. Default 5.</summary>
    public int FailedStarts { get; init; } = 5;

    /// <summary>
    /// A user whose runs of one priority wait, and none of whose was placed for so long, goes before the others' turns: nobody starves behind those who hold less. Default 10 min.
    /// </summary>
    public TimeSpan FairWait { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Different runs, one after another, under which workers of one slot crash; then it is quarantined. Default 3.</summary>
    public int SlotCrashes { get; init; } = 3;

    /// <summary>A quarantined slot is tried again after this time, unless it is released before. Default 30 min.</summary>
    public TimeSpan QuarantineTime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>No more than this share of all slots is ever quarantined: where more crash, the devices are not to blame. Default 0.25.</summary>
    public double MostQuarantined { get; init; } = 0.25;

    /// <param name="fruitless">Attempts in a row that came no further than those before.</param>
    public TimeSpan PauseAfter(int fruitless)
    {
        const int mostDoublings = 30;
        return fruitless < 2 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(LongestRetryDelay.Ticks, RetryDelay.Ticks << Math.Min(fruitless - 2, mostDoublings)));
    }
}
