using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Cli;

/// <summary>The server crashes and is started again, as its supervisor would.</summary>
internal sealed class KillCoordinator : IDrill
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string Name => "kill-coordinator";

    public string Summary => "SIGKILL to jf serve, started again at once: training is not to stop";

    public bool NeedsNamespaces => false;

    public long? DiskBytes => null;

    /// <summary>The longest pause between steps: a busy machine's.</summary>
    public DrillLimits Limits { get; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(15));

    public async Task<DrillStrike> StrikeAsync(DrillCluster cluster, DrillRun run, CancellationToken cancel)
    {
        var nodes = (await run.TakenAsync(DrillExperiment.StrikeStep, cancel)).Ranks.Select(rank => rank.Node).ToList();
        var (at, since) = (DateTimeOffset.UtcNow, Stopwatch.GetTimestamp());
        await cluster.KillServerAsync();
        var step = run.StepsWritten();
        await cluster.StartServerAsync(cancel);
        await DrillCluster.UntilAsync(
            async () => nodes.TrueForAll((await cluster.NodesAsync(cancel)).Where(node => node.Workers.Any(worker => worker.Run == run.Name)).Select(node => node.Name).Contains),
            "the new coordinator hears of both ranks", Patience, cancel);
        var took = Stopwatch.GetElapsedTime(since);
        return new DrillStrike(
            at, string.Create(CultureInfo.InvariantCulture, $"coordinator killed after step {step}, hears of both ranks again after step {run.StepsWritten()}"), new DrillReturn("coordinator back", took));
    }
}
