using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>What the page shows at one moment; immutable, so that any number of pages read it without a lock.</summary>
/// <param name="Fault">Why nothing more will come; null while the cluster is followed.</param>
/// <param name="Ended">The cluster has ended as it should.</param>
internal sealed record LiveView(
    string Experiment, ImmutableArray<LiveNode> Nodes, ImmutableArray<RunStatus> Runs, Lazy<LossChart> Chart, DateTimeOffset At, string? Fault, bool Ended);
