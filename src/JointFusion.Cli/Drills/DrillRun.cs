using System.Globalization;
using JointFusion.Dashboard;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>The one run of an experiment on a drill's cluster.</summary>
internal sealed class DrillRun(DrillCluster cluster, string experiment, RunFolder folder)
{
    /// <summary>Some ten times what an undisturbed run takes.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(4);

    /// <summary>As the cluster knows it.</summary>
    public string Name => $"{experiment}/{DrillExperiment.Run}";

    public RunFolder Folder => folder;

    public Task<RunInfo> InfoAsync(CancellationToken cancel) => cluster.Api.GetAsync($"/runs/{experiment}/{DrillExperiment.Run}", ApiJson.Default.RunInfo, cancel);

    /// <summary>Steps in its metrics.jsonl.</summary>
    public int StepsWritten() => File.Exists(folder.Metrics) ? File.ReadLines(folder.Metrics).Count() : 0;

    /// <exception cref="DrillException">It is not so within the time, or the run has ended.</exception>
    public async Task<RunInfo> UntilAsync(Func<RunInfo, bool> wanted, string what, TimeSpan within, CancellationToken cancel)
    {
        RunInfo? info = null;
        try
        {
            await DrillCluster.UntilAsync(
                async () =>
                {
                    info = await InfoAsync(cancel);
                    return wanted(info) || info.Run.State.IsTerminal();
                },
                what, within, cancel);
        }
        catch (DrillException late) when (info is not null)
        {
            throw new DrillException($"{late.Message} ({StatusView.Line(info.Run)})");
        }
        return wanted(info!) ? info! : throw new DrillException($"{StatusView.Line(info!.Run)} before this was so: {what}");
    }

    /// <summary>Returns once so many steps are written, with what its ranks do then.</summary>
    public async Task<RunInfo> TakenAsync(int step, CancellationToken cancel)
    {
        await DrillCluster.UntilAsync(() => Task.FromResult(StepsWritten() >= step), string.Create(CultureInfo.InvariantCulture, $"step {step} is taken"), LongestRun, cancel);
        return await InfoAsync(cancel);
    }

    /// <summary>Returns once an attempt after that one takes steps.</summary>
    public Task TrainsAgainAsync(int generation, TimeSpan within, CancellationToken cancel) =>
        UntilAsync(info => info.Run.Generation > generation && info.Run.State is LiveRunState.Training or LiveRunState.Evaluating or LiveRunState.Succeeded, "another attempt trains", within, cancel);

    public Task EndedAsync(CancellationToken cancel) =>
        DrillCluster.UntilAsync(async () => (await InfoAsync(cancel)).Run.State.IsTerminal(), "the run is over", LongestRun, cancel);
}
