using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>What is known of a server's runs beyond this moment: their history, their checkpoints, where they come from.</summary>
public interface IRunArchive
{
    /// <summary>What happened to a run, in order: the newest, if there are more.</summary>
    /// <param name="run">As the cluster names it: EXPERIMENT/RUN.</param>
    /// <param name="after">Number of an event: it and those before it are left out. 0: none are.</param>
    /// <param name="limit">The most that are told.</param>
    /// <exception cref="ApiException">The journal cannot be read.</exception>
    Task<ImmutableArray<RunHappening>> EventsAsync(string run, long after, int limit, CancellationToken cancel);

    /// <summary>Those on disk, newest first, by manifests and sizes alone.</summary>
    Task<ImmutableArray<CheckpointInfo>> CheckpointsAsync(string experiment, string run);

    /// <summary>Room that the journal takes.</summary>
    /// <exception cref="ApiException">It cannot be read.</exception>
    Task<long> JournalBytesAsync(CancellationToken cancel);

    /// <summary>Where a run begins, and what began where it had come to.</summary>
    RunLineage Lineage(string experiment, string run);
}

/// <summary>Something that happened to a run.</summary>
/// <param name="Number">Later ones have higher numbers; others between them are of other runs.</param>
/// <param name="Kind">As the journal calls it, such as <c>attempt-broken</c>: these names are kept.</param>
/// <param name="Attempt">Null where it is of none.</param>
/// <param name="Step">Null where there is none to name.</param>
/// <param name="Text">What happened, for people.</param>
/// <param name="Reason">Why, and who asked for it; null where nothing explains it.</param>
public sealed record RunHappening(long Number, DateTimeOffset At, string Kind, int? Attempt, int? Step, string Text, string? Reason);

/// <summary>A checkpoint of a run.</summary>
/// <param name="Stage">Null where its manifest cannot be read; so is <paramref name="Ledger"/>.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="Whole">By its manifest and its files' sizes.</param>
/// <param name="Fault">The first; null: none was found.</param>
public sealed record CheckpointInfo(int Step, string? Stage, string? Ledger, long Bytes, DateTimeOffset WrittenAt, bool Whole, string? Fault, string Folder);

/// <summary>Where a run comes from, by the hashes of what decides its result.</summary>
/// <param name="ScienceHash">Of what decides the result: runs of one are one experiment.</param>
/// <param name="PlanHash">Of the science and the workers: runs of one are bitwise equal.</param>
/// <param name="DataHash">Of the data's manifest.</param>
/// <param name="Fork">Null: it begins at its seed.</param>
/// <param name="Forks">Runs that began at a checkpoint of this one.</param>
public sealed record RunLineage(
    string Run, string ScienceHash, string PlanHash, string DataHash, ImmutableArray<StageLineage> Stages, ForkOrigin? Fork, ImmutableArray<string> Forks);

/// <param name="FirstStep">From 1, counted over the whole run.</param>
/// <param name="LineageHash">Of everything up to its end: stages of one have the same weights there.</param>
/// <param name="SharedWith">Other runs of the sweep that come to this end in the same state: one of them trains it.</param>
public sealed record StageLineage(string Stage, int FirstStep, int Steps, string LineageHash, ImmutableArray<string> SharedWith);

/// <param name="Run">As EXPERIMENT/RUN if it is of this server, else by its own name alone.</param>
/// <param name="Step">Of its checkpoint.</param>
public sealed record ForkOrigin(string Run, int Step, string ScienceHash);
