namespace JointFusion.Orchestration;

/// <summary>What a cluster of one process needs.</summary>
public sealed record LocalClusterOptions
{
    /// <summary>SQLite file of the coordinator; what it holds of unfinished runs goes on. Its folder is made if missing.</summary>
    public required string Journal { get; init; }

    /// <summary>Takes coordinator.log.</summary>
    public required string LogFolder { get; init; }

    /// <summary>Worker slots.</summary>
    public required int Workers { get; init; }

    /// <summary>Where workers come from; disposed with the cluster.</summary>
    public required IReplicaHost Host { get; init; }

    public OrchestrationSettings Settings { get; init; } = new();

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
