using System.Collections.Immutable;

namespace JointFusion.Cli;

/// <summary>Runs drills one after another, each on a run of its own, held against a run of the same plan that nothing disturbed.</summary>
/// <remarks>One cluster serves all of them, mended after each, so that it has survived many in the end; one that was not survived, or wants its own disk, ends with its cluster.</remarks>
/// <param name="folder">Takes the clusters' folders.</param>
/// <param name="noNamespaces">Why there are no namespaces of its own; null: there are.</param>
/// <param name="tell">A line on what is going on.</param>
internal sealed class DrillRunner(string folder, IMachines machines, string? noNamespaces, Action<string> tell) : IAsyncDisposable
{
    private const string Undisturbed = "undisturbed";
    private DrillCluster? cluster;
    private int clusters;

    public async Task<ImmutableArray<DrillVerdict>> RunAsync(IReadOnlyList<IDrill> drills, CancellationToken cancel)
    {
        var verdicts = ImmutableArray.CreateBuilder<DrillVerdict>(drills.Count);
        DrillEvidence? undisturbed = null;
        foreach (var drill in drills)
        {
            if (drill.NeedsNamespaces && noNamespaces is not null)
            {
                verdicts.Add(DrillVerdict.NotTried(drill.Name, $"needs namespaces of its own: {noNamespaces}"));
                continue;
            }
            var verdict = await TryAsync(drill, undisturbed ??= await UndisturbedAsync(cancel), cancel);
            tell($"{drill.Name}: {(verdict.Survived ? "survived" : string.Join("; ", verdict.Lost.Concat(verdict.Late)))}");
            verdicts.Add(verdict);
            if (!verdict.Survived || drill.DiskBytes is not null)
                await EndAsync();
        }
        return verdicts.ToImmutable();
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private async Task<DrillEvidence> UndisturbedAsync(CancellationToken cancel)
    {
        tell($"{Undisturbed}: a run that nothing disturbs");
        await StartAsync(diskBytes: null, cancel);
        var run = await cluster!.SubmitAsync(Undisturbed, cancel);
        await run.EndedAsync(cancel);
        var evidence = DrillEvidence.Read(cluster.Journal, run.Name, run.Folder);
        return DrillJudge.LostIn(evidence) is { IsEmpty: false } lost
            ? throw new DrillException($"The undisturbed run did not end as it should, so that nothing can be held against it: {string.Join("; ", lost)}")
            : evidence;
    }

    private async Task<DrillVerdict> TryAsync(IDrill drill, DrillEvidence undisturbed, CancellationToken cancel)
    {
        tell($"{drill.Name}: {drill.Summary}");
        try
        {
            if (drill.DiskBytes is not null)
                await EndAsync();
            await StartAsync(drill.DiskBytes, cancel);
            var run = await cluster!.SubmitAsync(drill.Name, cancel);
            var strike = await drill.StrikeAsync(cluster, run, cancel);
            tell($"{drill.Name}: {strike.What}");
            await cluster.MendAsync(cancel);
            await run.EndedAsync(cancel);
            return DrillJudge.Judge(drill.Name, strike, drill.Limits, DrillEvidence.Read(cluster.Journal, run.Name, run.Folder), undisturbed);
        }
        catch (Exception broken) when (broken is DrillException or InvalidDataException or BadInputException)
        {
            return DrillVerdict.Broken(drill.Name, broken.Message);
        }
    }

    /// <summary>Goes on with the one there is.</summary>
    private async Task StartAsync(long? diskBytes, CancellationToken cancel)
    {
        if (cluster is not null)
            return;
        clusters++;
        var own = Directory.CreateDirectory(Path.Combine(folder, $"cluster-{clusters}")).FullName;
        if (diskBytes is not null)
            await MountAsync(Directory.CreateDirectory(DrillCluster.ShareOf(own)).FullName, diskBytes.Value);
        cluster = await DrillCluster.StartAsync(own, machines, cancel);
    }

    /// <summary>Gone with the namespaces.</summary>
    private static Task MountAsync(string path, long bytes) => SystemCommand.RunAsync("mount", "-t", "tmpfs", "-o", $"size={bytes}", "jf-drill", path);

    private async Task EndAsync()
    {
        if (cluster is not null)
            await cluster.DisposeAsync();
        cluster = null;
    }
}
