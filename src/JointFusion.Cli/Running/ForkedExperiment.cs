using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>An experiment whose runs begin at checkpoints of others.</summary>
/// <param name="Planned">With plans that carry their fork.</param>
/// <param name="Sources">Of each run, by its name.</param>
internal sealed record ForkedExperiment(PlannedExperiment Planned, ImmutableDictionary<string, ForkSource> Sources)
{
    /// <param name="from">A checkpoint or a run, at which every run begins; or an experiment, whose runs are matched by name.</param>
    /// <param name="torn">Told of each checkpoint that is passed over.</param>
    /// <param name="label">What the user has said, for messages; null: <c>--fork</c> and where.</param>
    /// <exception cref="BadInputException">There is no whole checkpoint, or going on from it makes no sense: lists every reason.</exception>
    public static ForkedExperiment Of(PlannedExperiment planned, string from, Action<CheckpointEntry> torn, string? label = null)
    {
        var sources = planned.Runs.ToImmutableDictionary(run => run.Run, run => ForkSource.Find(from, run.Run, torn));
        var faults = planned.Runs.SelectMany(run => ForkPlan.Faults(sources[run.Run].Plan, sources[run.Run].Step, run)).ToList();
        if (faults.Count > 0)
            throw new BadInputException(string.Join(Environment.NewLine, faults.Select(fault => $"{label ?? $"--fork {from}"}: {fault}")));
        return new ForkedExperiment(planned with { Runs = [.. planned.Runs.Select(run => sources[run.Run].Forked(run))] }, sources);
    }

    /// <summary>The checkpoints, into the folders of the runs that begin at them.</summary>
    /// <exception cref="BadInputException">One is torn, or the disk refuses.</exception>
    public void CopyCheckpoints(ExperimentFolder folder)
    {
        try
        {
            foreach (var run in Planned.Runs)
                CheckpointFork.Copy(Sources[run.Run].Folder, Sources[run.Run].Plan, run, folder.Run(run.Run));
        }
        catch (Exception fault) when (fault is CheckpointException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException(fault.Message);
        }
    }
}

/// <summary>One whole checkpoint and the plan that it was made by.</summary>
internal sealed record ForkSource(RunFolder Folder, RunPlan Plan, CheckpointManifest Manifest)
{
    public int Step => Manifest.Step;

    /// <param name="run">Of the new experiment.</param>
    /// <exception cref="BadInputException">There is none, or it is torn.</exception>
    public static ForkSource Find(string from, string run, Action<CheckpointEntry> torn)
    {
        var sameNamed = new ExperimentFolder(Path.GetFullPath(from)).Run(run);
        var (folder, step) = CheckpointFolders.One(Directory.Exists(sameNamed.Path) ? sameNamed.Path : from, torn);
        var entry = CheckpointCatalog.Verify(folder.Checkpoint(step));
        if (entry.Fault is { } fault)
            throw new BadInputException($"{fault.Message} Fork another checkpoint, or {folder.Path} for its newest whole one.");
        return new ForkSource(folder, PlanFile.Read(folder), entry.Manifest!);
    }

    public RunPlan Forked(RunPlan run) => ForkPlan.Apply(Plan, Step, Manifest.Ledger, run);
}
