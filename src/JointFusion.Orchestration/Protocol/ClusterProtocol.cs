namespace JointFusion.Orchestration;

/// <summary>Version of what the members of a cluster say to each other.</summary>
public static class ClusterProtocol
{
    /// <summary>Raised when a message changes its meaning or a new one is needed.</summary>
    public const int Version = 1;

    /// <summary>Neighbouring versions work together, so that a cluster can be renewed machine by machine.</summary>
    public static bool GetsAlongWith(int other) => Math.Abs(other - Version) <= 1;
}
