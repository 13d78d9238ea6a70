namespace JointFusion.Orchestration;

/// <summary>When the coordinator gives up. Bound from configuration with the rest of <see cref="OrchestrationSettings"/>.</summary>
public sealed record ClusterLimits
{
    /// <summary>Attempts in a row that come no further than those before; then the run has failed. Default 5.</summary>
    public int FruitlessAttempts { get; init; } = 5;

    /// <summary>Workers of one slot in a row that die before they say hello; then the slot counts as broken. Default 5.</summary>
    public int FailedStarts { get; init; } = 5;
}
