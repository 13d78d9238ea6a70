using System.Net;

namespace JointFusion.Orchestration;

/// <summary>What an agent of its own process needs.</summary>
public sealed record AgentOptions
{
    public required NodeOffer Offer { get; init; }

    public required ICoordinatorLocator Coordinator { get; init; }

    public required ITransportIdentity Identity { get; init; }

    /// <summary>Takes Akka's lines.</summary>
    public required string Log { get; init; }

    /// <summary>Bound, and where the coordinator reaches this node. Default 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    public OrchestrationSettings Settings { get; init; } = new();

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>Where the coordinator is now.</summary>
public interface ICoordinatorLocator
{
    /// <returns>Null while it does not answer.</returns>
    Task<CoordinatorPlace?> FindAsync(CancellationToken cancel);
}

/// <summary>What an agent tells whoever hosts it.</summary>
public enum AgentNews
{
    /// <summary>The coordinator has answered a report.</summary>
    Joined,

    /// <summary>It does not answer any more; workers go on.</summary>
    Parted,
}
