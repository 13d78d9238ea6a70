using System.Globalization;

namespace JointFusion.Cli;

/// <summary>A node's agent crashes, and its worker with it: the cluster has lost the node.</summary>
internal sealed class KillAgent : IDrill
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public string Name => "kill-agent";

    public string Summary => "SIGKILL to the agent of one rank: its node is lost, a third takes its place";

    public bool NeedsNamespaces => false;

    public long? DiskBytes => null;

    public DrillLimits Limits { get; } = new(TimeSpan.FromSeconds(30));

    public async Task<DrillStrike> StrikeAsync(DrillCluster cluster, DrillRun run, CancellationToken cancel)
    {
        var before = await run.TakenAsync(DrillExperiment.StrikeStep, cancel);
        var victim = before.Ranks[1];
        var at = DateTimeOffset.UtcNow;
        await cluster.KillAgentAsync(victim.Node);
        var step = run.StepsWritten();
        await run.TrainsAgainAsync(before.Run.Generation, Patience, cancel); // Were it started again before, it would say itself what it has lost.
        return new DrillStrike(at, string.Create(CultureInfo.InvariantCulture, $"agent {victim.Node}, which had rank 1, killed after step {step} and not started until another attempt trained"));
    }
}
