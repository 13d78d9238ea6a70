using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>What an agent needs to join.</summary>
/// <param name="Protocol">Version of what members say to each other: neighbouring ones get along.</param>
/// <param name="Seed">Akka address of the coordinator.</param>
/// <param name="Incarnation">Another each time the coordinator starts.</param>
/// <param name="Term">Where several servers may lead: of two that say they do, the one of the lower term does no more. Null where one leads alone.</param>
public sealed record ClusterInfo(string Version, int Protocol, string Seed, string Incarnation, long? Term = null);

/// <summary>An experiment and its runs.</summary>
/// <param name="State">running while a run may still change; else failed, cancelled, paused or succeeded, whichever of them a run is first.</param>
/// <param name="Folder">On the server's disk.</param>
/// <param name="Report">Its report.html, once it is written; so is <paramref name="Results"/>.</param>
/// <param name="Runs">In the grid's order.</param>
public sealed record ExperimentInfo(string Name, string State, string Folder, string? Results, string? Report, ImmutableArray<RunStatus> Runs)
{
    public const string Running = "running";

    public bool IsOver => State != Running;

    /// <param name="runs">Those that the cluster knows: none of an experiment that is just being submitted.</param>
    internal static string StateOf(IReadOnlyCollection<RunStatus> runs)
    {
        if (runs.Count == 0 || runs.Any(run => !run.State.IsTerminal()))
            return Running;
        LiveRunState[] worstFirst = [LiveRunState.Failed, LiveRunState.Cancelled, LiveRunState.Paused, LiveRunState.Succeeded, LiveRunState.Pruned];
        return $"{worstFirst.First(state => runs.Any(run => run.State == state))}".ToLowerInvariant();
    }
}

/// <summary>One run, and what its ranks do.</summary>
/// <param name="Provenance">Of its latest attempt that has begun to compute; null before.</param>
public sealed record RunInfo(RunStatus Run, ImmutableArray<RankInfo> Ranks, RunProvenance? Provenance = null);

/// <summary>Runs that something is asked of together.</summary>
/// <param name="Runs">Each as EXPERIMENT/RUN, or all of an experiment by its name.</param>
public sealed record NamedRuns(ImmutableArray<string> Runs);

/// <param name="Pid">Of the worker process; null while it has none.</param>
public sealed record RankInfo(int Rank, string Node, int Slot, int? Pid, string Phase, string Detail);

/// <summary>The latest steps of a run.</summary>
public sealed record RunMetrics(string Run, ImmutableArray<MetricPoint> Points);
