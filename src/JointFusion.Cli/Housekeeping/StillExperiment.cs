using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>One experiment's folder as the garbage collector sees it: when it was last written to, and what of it can go.</summary>
/// <remarks>
/// What goes: logs, unfinished writes, and of each run's checkpoints all but the newest whole one, so that it can be resumed, exported and forked
/// there, and those that <see cref="Lineages"/> needs. Plans, metrics, evaluations, results and reports stay.
/// </remarks>
internal sealed class StillExperiment
{
    private readonly ExperimentFolder folder;
    private readonly ImmutableArray<(RunFolder Folder, RunPlan? Plan)> runs;

    public StillExperiment(ExperimentFolder folder)
    {
        this.folder = folder;
        var files = Garbage.FilesIn(new DirectoryInfo(folder.Path)).ToList();
        LastWritten = files.Select(file => file.LastWriteTimeUtc).DefaultIfEmpty(Directory.GetLastWriteTimeUtc(folder.Path)).Max();
        Bytes = files.Sum(file => file.Length);
        runs = [.. Directory.GetDirectories(folder.Runs).Select(path => new RunFolder(path)).Select(run => (run, Plan(run)))];
    }

    public string Name => Path.GetFileName(folder.Path);

    public DateTime LastWritten { get; }

    public long Bytes { get; }

    public IEnumerable<RunPlan> Plans => runs.Select(run => run.Plan).OfType<RunPlan>();

    /// <param name="needed">By runs of others.</param>
    public IEnumerable<Garbage> Superfluous(Lineages needed) =>
    [
        .. Logs(folder.Path), .. runs.SelectMany(run => Logs(run.Folder.Path)),
        .. runs.Where(run => run.Plan is not null).SelectMany(run => Checkpoints(run.Folder, run.Plan!, needed)),
    ];

    private static RunPlan? Plan(RunFolder run)
    {
        try
        {
            return PlanFile.Read(run);
        }
        catch (BadInputException)
        {
            return null; // Whatever it is, its checkpoints stay.
        }
    }

    private IEnumerable<Garbage> Logs(string path) =>
        Garbage.FilesIn(new DirectoryInfo(Path.Combine(path, "logs"))).Where(file => file.Extension == ".log").Select(file => Garbage.Of("log", file, LastWritten));

    private IEnumerable<Garbage> Checkpoints(RunFolder run, RunPlan plan, Lineages needed)
    {
        var checkpoints = new DirectoryInfo(run.Checkpoints);
        if (!checkpoints.Exists)
            return [];
        var unfinished = checkpoints.GetDirectories(".tmp-step-*").Select(left => Garbage.Of("leftover", left, LastWritten));
        var whole = new CheckpointCatalog(run).Glance().Where(entry => entry.IsWhole).ToList(); // Newest first. Torn ones stay for whoever looks into what tore them.
        return unfinished.Concat(whole.Skip(1).Where(entry => !needed.Need(plan, entry.Step)).Select(entry => Garbage.Of("checkpoint", new DirectoryInfo(entry.Folder), LastWritten)));
    }
}
