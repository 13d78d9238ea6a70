using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>What the API asks of the server behind it. Refusals are <see cref="ApiException"/>s.</summary>
public interface IExperimentDesk
{
    ClusterInfo Cluster { get; }

    /// <summary>Those of its runs.</summary>
    IRetrievers Retrievers { get; }

    /// <summary>Of the same runs.</summary>
    IRunArchive Archive { get; }

    /// <summary>Runs of each experiment in the grid's order, as the cluster names them: EXPERIMENT/RUN. Oldest first.</summary>
    IReadOnlyList<(string Name, ImmutableArray<string> Runs)> Experiments { get; }

    /// <summary>Nodes, workers and runs at this moment.</summary>
    Task<LiveCluster> SnapshotAsync();

    /// <summary>Of a known or unknown experiment.</summary>
    ExperimentFolder FolderOf(string experiment);

    /// <returns>Who submitted it; null: nobody in particular, or it is unknown.</returns>
    string? OwnerOf(string experiment);

    /// <summary>Every fault that the spec has by itself, in the file's order; what only its data can tell is left to <see cref="PreviewAsync"/>.</summary>
    ImmutableArray<SpecFault> Check(SpecUpload upload);

    /// <summary>Plans the spec and keeps nothing of it. Builds the data set if it is not there yet, which takes minutes.</summary>
    Task<PlanPreview> PreviewAsync(SpecUpload upload);

    /// <summary>Plans the spec, makes its folder and queues its runs. Repeated with the same name and text it changes nothing.</summary>
    /// <returns>Whether it is new.</returns>
    Task<bool> SubmitAsync(SpecUpload upload);

    /// <summary>Makes an experiment whose runs begin at a checkpoint of another's run, and queues them. Repeated with the same name it changes nothing.</summary>
    /// <returns>Whether it is new.</returns>
    Task<bool> ForkAsync(RunFork fork);

    /// <summary>At this moment, the oldest first.</summary>
    Task<ImmutableArray<LiveSweep>> SweepsAsync();

    /// <summary>Plans the spec and, if it has all runs of the sweep that is there and their science is the same, adds those it has beside them.</summary>
    /// <param name="upload">Of the known experiment's name.</param>
    Task ExtendAsync(SpecUpload upload);

    /// <summary>Each takes a checkpoint and ends.</summary>
    /// <param name="runs">As the cluster names them.</param>
    /// <param name="by">Who asks, shown with the runs. The same below.</param>
    Task PauseAsync(ImmutableArray<string> runs, string by);

    /// <summary>Each ends soon, with time for no more than a quick checkpoint.</summary>
    /// <param name="runs">As the cluster names them.</param>
    Task CancelAsync(ImmutableArray<string> runs, string by);

    /// <param name="runs">As the cluster names them.</param>
    Task ResumeAsync(ImmutableArray<string> runs, string by);

    /// <summary>From now on, whatever their specs say: higher ones are placed first, and running lower ones make room for them.</summary>
    /// <param name="runs">As the cluster names them.</param>
    Task PrioritiseAsync(ImmutableArray<string> runs, int priority, string by);

    /// <summary>The node gets no new ranks and its runs go elsewhere from a checkpoint; or that ends.</summary>
    Task DrainAsync(string node, bool drain, string by);

    /// <summary>Ends a slot's quarantine.</summary>
    Task ReleaseAsync(string node, int slot, string by);
}

/// <param name="Name">Of the experiment, chosen by the client.</param>
/// <param name="File">What faults are told to be in.</param>
/// <param name="Yaml">The spec.</param>
/// <param name="User">Who submits it, by their token: users share the workers fairly. Null: nobody in particular.</param>
public sealed record SpecUpload(string Name, string File, string Yaml, string? User = null);

/// <summary>An experiment that begins where another's run has come to.</summary>
/// <param name="Name">Of the new experiment, chosen by the client.</param>
/// <param name="Experiment">That is forked, with its <paramref name="Run"/>.</param>
/// <param name="Checkpoint">Step of the one to begin at; null: the newest whole one.</param>
/// <param name="File">What faults of the spec are told to be in.</param>
/// <param name="Yaml">Another spec: its run of the same name begins there, or, if it has none, all of its runs do. Null: as it was.</param>
/// <param name="User">Who forks, and whose the new experiment is.</param>
public sealed record RunFork(string Name, string Experiment, string Run, int? Checkpoint, string File, string? Yaml, string? User = null);
