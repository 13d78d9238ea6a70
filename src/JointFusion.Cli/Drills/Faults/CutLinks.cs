using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Cli;

/// <summary>A node is cut off from all others with rank 0 on it, which still sees the share and could write checkpoints there; later its link comes back.</summary>
internal sealed class CutLinks : IDrill
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public string Name => "cut-links";

    public string Summary => "the network link of the node with rank 0 goes down until the run trains on elsewhere, then up again";

    public bool NeedsNamespaces => true;

    public long? DiskBytes => null;

    public DrillLimits Limits { get; } = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));

    public async Task<DrillStrike> StrikeAsync(DrillCluster cluster, DrillRun run, CancellationToken cancel)
    {
        var before = await run.TakenAsync(DrillExperiment.StrikeStep, cancel);
        var victim = await cluster.Machines.AgentAsync(before.Ranks[0].Node);
        var at = DateTimeOffset.UtcNow;
        await cluster.Machines.CutAsync(victim);
        var step = run.StepsWritten();
        await run.TrainsAgainAsync(before.Run.Generation, Patience, cancel);
        var since = Stopwatch.GetTimestamp();
        await cluster.Machines.RestoreAsync(victim);
        await DrillCluster.UntilAsync(async () => (await cluster.NodesAsync(cancel)).Any(node => node.Name == victim.Name), $"node {victim.Name} has joined again", Patience, cancel);
        return new DrillStrike(
            at, string.Create(CultureInfo.InvariantCulture, $"link of {victim.Name}, which had rank 0, cut after step {step}, restored when another attempt trained"),
            new DrillReturn("node joined again", Stopwatch.GetElapsedTime(since)));
    }
}
