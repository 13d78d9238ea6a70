using System.Runtime.CompilerServices;
using JointFusion.Dashboard;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>An experiment that nobody works on, as the pages see it: its runs as their folders have them, and nothing happens.</summary>
internal sealed class StillFeed(ExperimentFolder folder) : IClusterFeed
{
    public Task<LiveCluster> SnapshotAsync(CancellationToken cancel) =>
        Task.FromResult(new LiveCluster([], [.. Directory.GetDirectories(folder.Runs).Select(run => new RunFolder(run)).Where(run => File.Exists(run.Plan)).OrderBy(run => File.GetLastWriteTimeUtc(run.Plan)).Select(Run)]));

    public async IAsyncEnumerable<LiveEvent> EventsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.Delay(Timeout.Infinite, cancel);
        yield break;
    }

    private static LiveRun Run(RunFolder run)
    {
        var isDone = File.Exists(run.Evaluation);
        var since = File.GetLastWriteTimeUtc(isDone ? run.Evaluation : run.Plan);
        return new LiveRun(Path.GetFileName(run.Path), isDone ? LiveRunState.Succeeded : LiveRunState.Paused, since, null, 0, null, isDone ? null : "It is not at its end: another jf works on it, or jf run --resume goes on with it.");
    }
}
