using System.Collections.Immutable;
using JointFusion.Dashboard;
using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>A server behind the API that remembers what it was asked, over one experiment's folder.</summary>
internal sealed class FakeDesk(ExperimentFolder folder, Func<LiveCluster> cluster) : IExperimentDesk, IRunArchive
{
    private readonly List<string> asked = [];

    /// <summary>Thrown by whatever is asked next; null: nothing.</summary>
    public ApiException? Refusal { get; set; }

    public IReadOnlyList<string> Asked => asked;

    public ClusterInfo Cluster { get; } = new("1.0", 1, "akka.ssl.tcp://jointfusion@127.0.0.1:1", "first");

    public FakeRetrievers Retrievers { get; } = new();

    IRetrievers IExperimentDesk.Retrievers => Retrievers;

    public IReadOnlyList<(string Name, ImmutableArray<string> Runs)> Experiments { get; set; } = [("one", ["one/early"])];

    public IRunArchive Archive => this;

    public Task<ImmutableArray<RunHappening>> EventsAsync(string run, long after, int limit, CancellationToken cancel) => Done<ImmutableArray<RunHappening>>(
        "snapshot", [.. new[] { 3L, 7 }.Where(number => number > after).Select(number => new RunHappening(number, DateTimeOffset.UnixEpoch, "run-stopped", null, null, $"{run} stopped", "by ann")).TakeLast(limit)]);

    public Task<ImmutableArray<CheckpointInfo>> CheckpointsAsync(string experiment, string run) =>
        Done<ImmutableArray<CheckpointInfo>>("snapshot", [new(12, "adaptation", "abc", 6000, DateTimeOffset.UnixEpoch, true, null, folder.Run(run).Checkpoint(12))]);

    public Task<long> JournalBytesAsync(CancellationToken cancel) => Done("snapshot", 4096L);

    public RunLineage Lineage(string experiment, string run) => new($"{experiment}/{run}", "science", "plan", "data", [new("adaptation", 1, 40, "lineage", [])], null, ["next/early"]);

    public Task<LiveCluster> SnapshotAsync() => Done("snapshot", cluster());

    public ExperimentFolder FolderOf(string experiment) => folder;

    /// <summary>Of its experiment.</summary>
    public string? Owner { get; set; }

    public Task<ImmutableArray<LiveSweep>> SweepsAsync() => Done<ImmutableArray<LiveSweep>>(
        "snapshot", [new("one", 0.25, 2, 3, ImmutableDictionary<string, ImmutableArray<RungInfo>>.Empty.Add("one/early", [new(50, "recall", 0.5)]))]);

    public Task ExtendAsync(SpecUpload upload) => Done($"extend {upload.Name} {upload.File} {upload.Yaml}", true);

    public string? OwnerOf(string experiment) => Owner;

    public ImmutableArray<SpecFault> Check(SpecUpload upload) => SpecLoader.Parse(upload.Yaml, upload.File, folder.Path).Faults;

    /// <summary>What any spec would do.</summary>
    public PlanPreview Preview { get; set; } = new([], ImmutableDictionary<string, ImmutableSortedDictionary<string, string>>.Empty, []);

    public Task<PlanPreview> PreviewAsync(SpecUpload upload) => Done($"preview {upload.File} {upload.Yaml}", Preview);

    public Task<bool> SubmitAsync(SpecUpload upload) => Done($"submit {upload.Name} {upload.File} {upload.Yaml} by {upload.User}", upload.Yaml == "new");

    public Task<bool> ForkAsync(RunFork fork) => Done($"fork {fork.Experiment}/{fork.Run} at {fork.Checkpoint} as {fork.Name} with {fork.Yaml} by {fork.User}", fork.Yaml == "new");

    public Task PrioritiseAsync(ImmutableArray<string> runs, int priority, string by) => Done($"priority {priority} {string.Join(',', runs)} by {by}", true);

    public Task PauseAsync(ImmutableArray<string> runs, string by) => Done($"pause {string.Join(',', runs)} by {by}", true);

    public Task CancelAsync(ImmutableArray<string> runs, string by) => Done($"cancel {string.Join(',', runs)} by {by}", true);

    public Task DrainAsync(string node, bool drain, string by) => Done($"drain {node} {drain} by {by}", true);

    public Task ReleaseAsync(string node, int slot, string by) => Done($"release {node}/{slot} by {by}", true);

    public Task ResumeAsync(ImmutableArray<string> runs, string by) => Done($"resume {string.Join(',', runs)} by {by}", true);

    private Task<T> Done<T>(string what, T answer)
    {
        if (Refusal is not null)
            throw Refusal;
        if (what != "snapshot")
            asked.Add(what);
        return Task.FromResult(answer);
    }
}
