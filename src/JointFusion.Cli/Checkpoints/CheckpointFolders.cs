using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>From a folder that a user names to the checkpoints in it.</summary>
internal static class CheckpointFolders
{
    /// <summary>All checkpoints of a run or of an experiment's runs, newest first, by manifests and sizes alone.</summary>
    /// <exception cref="BadInputException">It is neither.</exception>
    public static ImmutableArray<CheckpointRow> List(string path) =>
        Rows(Runs(path).SelectMany(run => new CheckpointCatalog(run).Glance()), hashed: false);

    /// <summary>All checkpoints of a run or an experiment, or one alone, read to the last byte; and the published model's files, where a checkpoint leaves weights to them.</summary>
    /// <exception cref="BadInputException">It is none of these, or holds no checkpoint.</exception>
    public static ImmutableArray<CheckpointRow> Verify(string path)
    {
        var folder = Absolute(path);
        if (IsCheckpoint(folder))
            return Rows([WithModel(new RunFolder(Path.GetFullPath(Path.Combine(folder, "..", ".."))), CheckpointCatalog.Verify(folder))], hashed: true);
        var rows = Rows(Runs(folder).SelectMany(run => new CheckpointCatalog(run).List().Select(entry => WithModel(run, entry))), hashed: true);
        return rows.IsEmpty ? throw new BadInputException($"{folder}: holds no checkpoint to verify. 'jf plan' says when a run takes its first.") : rows;
    }

    /// <summary>A run and the step of its checkpoint: the one that is named, or the run's newest whole one.</summary>
    /// <param name="torn">Told of each that is passed over.</param>
    /// <exception cref="BadInputException">There is none.</exception>
    public static (RunFolder Run, int Step) One(string path, Action<CheckpointEntry> torn)
    {
        var folder = Absolute(path);
        if (IsCheckpoint(folder))
            return (RunOfCheckpoint(folder), CheckpointCatalog.StepOf(folder)!.Value);
        var run = RunOf(folder);
        var newest = new CheckpointCatalog(run).NewestWhole(torn: torn)
            ?? throw new BadInputException($"{run.Checkpoints}: no whole checkpoint. Wait for the run's first, or name another run.");
        return (run, newest.Step);
    }

    /// <summary>The run whose folder it is, the one run of an experiment, or the run of a checkpoint.</summary>
    /// <exception cref="BadInputException">It is none of these.</exception>
    public static RunFolder RunOf(string path)
    {
        var folder = Absolute(path);
        if (IsCheckpoint(folder))
            return RunOfCheckpoint(folder);
        return Runs(folder) is [var run]
            ? run
            : throw new BadInputException($"{folder}: an experiment of several runs. Name one of them: a folder below {new ExperimentFolder(folder).Runs}.");
    }

    /// <summary>A run, or all of an experiment, by name.</summary>
    /// <exception cref="BadInputException">It is neither.</exception>
    public static ImmutableArray<RunFolder> Runs(string path)
    {
        var folder = Absolute(path);
        var run = new RunFolder(folder);
        if (File.Exists(run.Plan) || Directory.Exists(run.Checkpoints))
            return [run];
        var experiment = new ExperimentFolder(folder);
        if (File.Exists(experiment.Spec) && Directory.Exists(experiment.Runs))
            return [.. Directory.GetDirectories(experiment.Runs).Order(StringComparer.Ordinal).Select(path => new RunFolder(path))];
        throw new BadInputException(
            $"{folder}: {(Directory.Exists(folder) ? "neither a run's folder (plan.json) nor an experiment's (experiment.yaml and runs/)" : "there is no such folder")}. "
            + "Give the folder that 'jf run' named when it began, or one below its runs/.");
    }

    private static bool IsCheckpoint(string folder) => CheckpointCatalog.StepOf(folder) is not null && Directory.Exists(folder);

    private static RunFolder RunOfCheckpoint(string checkpoint)
    {
        var checkpoints = Path.GetDirectoryName(checkpoint)!;
        var run = new RunFolder(Path.GetDirectoryName(checkpoints) ?? checkpoints);
        return run.Checkpoints == checkpoints
            ? run
            : throw new BadInputException($"{checkpoint}: not in a run's folder, whose plan says what its weights are. Put it back below checkpoints/ of its run.");
    }

    /// <summary>Frozen weights that it leaves to the published model's folder are looked for there, where its run's plan says which that is.</summary>
    private static CheckpointEntry WithModel(RunFolder run, CheckpointEntry entry) =>
        entry.Manifest?.FromFolder is { } left && File.Exists(run.Plan) && UntrainedWeights.FaultOf(left, PlanFile.Read(run)) is { } fault
            ? entry with { Faults = entry.Faults.Add(fault) }
            : entry;

    private static ImmutableArray<CheckpointRow> Rows(IEnumerable<CheckpointEntry> entries, bool hashed) =>
        [.. entries.Select(entry => CheckpointRow.Of(entry, hashed)).OfType<CheckpointRow>()];

    private static string Absolute(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}
