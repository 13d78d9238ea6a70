using JointFusion.Orchestration;

namespace JointFusion.Dashboard;

/// <summary>Who may join, by the version that it speaks.</summary>
internal static class Membership
{
    /// <param name="node">Who asks, with the version of its program; null: nobody who would join.</param>
    /// <param name="protocol">That it speaks; null: it does not say, as before there were two.</param>
    /// <exception cref="ApiException">It could join, and not be understood.</exception>
    public static ClusterInfo PlaceFor(ClusterInfo cluster, string? node, string? version, int? protocol) => protocol is null || ClusterProtocol.GetsAlongWith(protocol.Value)
        ? cluster
        : throw new ApiException(409, "Too far apart", ClusterProtocol.Refusal($"Node \"{node}\"", version, protocol.Value, "this server", cluster.Version));
}
