using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>What the page shows at one moment; immutable, so that any number of pages read it without a lock.</summary>
/// <param name="IsOneExperiment">Whether all runs are of one, whose name <paramref name="Experiment"/> is; else it is the server's.</param>
/// <param name="Fault">Why nothing more will come; null while the cluster is followed.</param>
/// <param name="Ended">Nothing will change any more.</param>
/// <param name="Farewell">What the user does next, once the experiment has ended; the last that a page is told.</param>
internal sealed record LiveView(
    string Experiment, bool IsOneExperiment, ImmutableArray<LiveNode> Nodes, ImmutableArray<RunStatus> Runs, DateTimeOffset At, string? Fault, bool Ended,
    string? Farewell);
