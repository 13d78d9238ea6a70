using System.Globalization;

namespace JointFusion.Orchestration;

/// <summary>Version of what the members of a cluster say to each other.</summary>
/// <remarks>
/// Between neighbouring versions, members of a message that the reader does not know are passed over, and those that the writer did not know have
/// the value that stood for them before. A new kind of message goes to no member of the version before.
/// 1: the first. 2: orders carry their coordinator's term, reports the version.
/// </remarks>
public static class ClusterProtocol
{
    /// <summary>Raised when a message changes its meaning or a new one is needed.</summary>
    public const int Version = 2;

    /// <summary>Spoken by members that do not say.</summary>
    public const int First = 1;

    /// <summary>Neighbouring versions work together, so that a cluster can be renewed machine by machine.</summary>
    public static bool GetsAlongWith(int other) => Math.Abs(other - Version) <= 1;

    /// <summary>Why another version's member is not let in, and what to do.</summary>
    /// <param name="who">With its program's version and the protocol that it speaks; <paramref name="we"/> speak <see cref="Version"/>.</param>
    public static string Refusal(string who, string? version, int protocol, string we, string ours) => string.Create(
        CultureInfo.InvariantCulture,
        $"{who} is jf {version ?? "(it does not say which)"} and speaks protocol {protocol}, {we} is jf {ours} and speaks {Version}: only neighbouring protocols work together. Update the older one, a version at a time while runs go on, the servers first.");
}
