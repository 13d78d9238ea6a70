using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Cli;

/// <summary>A worker stands still without dying: a debugger, a swapped-out machine, a device that hangs.</summary>
internal sealed class FreezeWorker : IDrill
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string Name => "freeze-worker";

    public string Summary => "SIGSTOP to the process of one rank until the run's status names it, then SIGCONT";

    public bool NeedsNamespaces => false;

    public long? DiskBytes => null;

    public DrillLimits Limits { get; } = new(Training: null, Back: TimeSpan.FromSeconds(10));

    public async Task<DrillStrike> StrikeAsync(DrillCluster cluster, DrillRun run, CancellationToken cancel)
    {
        var victim = (await run.TakenAsync(DrillExperiment.StrikeStep, cancel)).Ranks[1];
        var (at, since) = (DateTimeOffset.UtcNow, Stopwatch.GetTimestamp());
        Signals.Freeze(victim.Pid!.Value);
        try
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"rank 1 (pid {victim.Pid}, ");
            await run.UntilAsync(info => info.Run.Reason?.StartsWith(name, StringComparison.Ordinal) == true, $"the status names {name}", Patience, cancel);
            return new DrillStrike(
                at, string.Create(CultureInfo.InvariantCulture, $"rank 1 (pid {victim.Pid}, {victim.Node}/{victim.Slot}) frozen after step {run.StepsWritten()}, thawed once named"),
                new DrillReturn("named", Stopwatch.GetElapsedTime(since)));
        }
        finally
        {
            Signals.Thaw(victim.Pid.Value);
        }
    }
}
