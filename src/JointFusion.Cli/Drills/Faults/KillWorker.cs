using System.Globalization;

namespace JointFusion.Cli;

/// <summary>A worker process crashes.</summary>
internal sealed class KillWorker : IDrill
{
    public string Name => "kill-worker";

    public string Summary => "SIGKILL to the process of one rank";

    public bool NeedsNamespaces => false;

    public long? DiskBytes => null;

    public DrillLimits Limits { get; } = new(TimeSpan.FromSeconds(5));

    public async Task<DrillStrike> StrikeAsync(DrillCluster cluster, DrillRun run, CancellationToken cancel)
    {
        var victim = (await run.TakenAsync(DrillExperiment.StrikeStep, cancel)).Ranks[1];
        var at = DateTimeOffset.UtcNow;
        Signals.Kill(victim.Pid!.Value);
        return new DrillStrike(at, string.Create(CultureInfo.InvariantCulture, $"rank 1 (pid {victim.Pid}, {victim.Node}/{victim.Slot}) killed after step {run.StepsWritten()}"));
    }
}
