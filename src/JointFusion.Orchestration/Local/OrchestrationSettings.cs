namespace JointFusion.Orchestration;

/// <summary>Every setting of coordinator, agent and cluster in one place. Bound as one object; what Akka needs of it is written by <see cref="AkkaSettings"/>.</summary>
public sealed record OrchestrationSettings
{
    public ClusterLimits Limits { get; init; } = new();
    public AgentSettings Agent { get; init; } = new();
    public MembershipSettings Membership { get; init; } = new();
}

/// <summary>How fast the cluster notices who is in it.</summary>
public sealed record MembershipSettings
{
    /// <summary>Between rounds of gossip, and of the leader's decisions. Default 0.1 s: clusters here have few members.</summary>
    public TimeSpan GossipInterval { get; init; } = TimeSpan.FromSeconds(0.1);

    /// <summary>Default 0.5 s.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Silence that is still taken for a busy machine. Default 10 s, which rides out starved cores.</summary>
    public TimeSpan HeartbeatPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A split is acted upon once it has not changed for so long: who does not see the coordinator then leaves the cluster. Default 5 s.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a proxy looks for the coordinator. Default 0.1 s.</summary>
    public TimeSpan CoordinatorSearchInterval { get; init; } = TimeSpan.FromSeconds(0.1);

    /// <summary>Bytes of the longest message between members; a longer one is lost. Default 1 MiB.</summary>
    public int LongestMessage { get; init; } = 1 << 20;
}
