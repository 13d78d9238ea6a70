using System.Diagnostics;
using System.Globalization;

namespace JointFusion.Cli;

/// <summary>The share's disk is filled to the last byte until a checkpoint could not be written, then there is room again.</summary>
/// <remarks>On it are checkpoints, metrics and the journal, so that the coordinator stops too.</remarks>
internal sealed class FillDisk : IDrill
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public string Name => "fill-disk";

    public string Summary => "the share's disk is filled to the last byte until a checkpoint was missed and a command refused, then emptied: training is not to stop";

    public bool NeedsNamespaces => true;

    public long? DiskBytes => 64 << 20;

    /// <summary>The longest pause between steps: a busy machine's.</summary>
    public DrillLimits Limits { get; } = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(15));

    public async Task<DrillStrike> StrikeAsync(DrillCluster cluster, DrillRun run, CancellationToken cancel)
    {
        var writer = (await run.TakenAsync(DrillExperiment.StrikeStep, cancel)).Ranks[0];
        var spare = (await cluster.NodesAsync(cancel)).First(node => node.Workers.All(worker => worker.Run is null)).Name;
        var ballast = Path.Combine(cluster.Share, "ballast");
        var (at, step) = (DateTimeOffset.UtcNow, run.StepsWritten());
        await DrillCluster.UntilAsync(() => Task.FromResult(FillAndLook(ballast, cluster.WorkerLog(writer.Node))), "a checkpoint is missed", Patience, cancel);
        var missed = MissedIn(cluster.WorkerLog(writer.Node));
        var isRefused = await IsRefusedAsync(cluster, $"/nodes/{spare}/drain", cancel);
        File.Delete(ballast);
        var since = Stopwatch.GetTimestamp();
        await DrillCluster.UntilAsync(async () => await IsKnownAsync(cluster, spare, cancel) && !await IsRefusedAsync(cluster, $"/nodes/{spare}/undrain", cancel), "the server takes commands", Patience, cancel);
        var took = Stopwatch.GetElapsedTime(since);
        return new DrillStrike(
            at,
            string.Create(CultureInfo.InvariantCulture, $"disk full from step {step} until the checkpoint of step {missed} was missed; a command was {(isRefused ? "refused with 503" : "taken")} meanwhile"),
            new DrillReturn("commands taken", took));
    }

    /// <summary>A coordinator that is back hears of its nodes only as they report.</summary>
    private static async Task<bool> IsKnownAsync(DrillCluster cluster, string node, CancellationToken cancel) =>
        (await cluster.NodesAsync(cancel)).Any(known => known.Name == node);

    private static async Task<bool> IsRefusedAsync(DrillCluster cluster, string command, CancellationToken cancel)
    {
        try
        {
            await cluster.Api.PostAsync(command, cancel);
            return false;
        }
        catch (AwayException)
        {
            return true;
        }
    }

    /// <summary>A checkpoint that is retired makes room again, which is taken at once.</summary>
    private static bool FillAndLook(string ballast, string log)
    {
        Fill(ballast);
        return MissedIn(log) is not null;
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var chunk = 1 << 20; chunk > 0; chunk /= 4)
        {
            try
            {
                while (true)
                    file.Write(new byte[chunk]);
            }
            catch (IOException)
            {
                // It does not take so much any more.
            }
        }
    }

    /// <summary>Step of the latest checkpoint that its worker says it could not write.</summary>
    private static int? MissedIn(string log)
    {
        const string beginning = "warning: The checkpoint of step ", end = " was not written";
        using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        int? missed = null;
        while (reader.ReadLine() is { } line)
            if (line.StartsWith(beginning, StringComparison.Ordinal) && line.IndexOf(end, StringComparison.Ordinal) is > 0 and var stop)
                missed = int.Parse(line.AsSpan(beginning.Length, stop - beginning.Length), CultureInfo.InvariantCulture);
        return missed;
    }
}
