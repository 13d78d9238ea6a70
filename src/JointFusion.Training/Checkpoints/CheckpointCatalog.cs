using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>The checkpoints of a run, for reading: any process, any number of them.</summary>
public sealed class CheckpointCatalog(RunFolder folder)
{
    /// <summary>Every checkpoint, newest first, each verified to the last byte.</summary>
    public ImmutableArray<CheckpointEntry> List() => Each(CheckpointVerifier.Verify);

    /// <summary>Every checkpoint, newest first, by manifests and sizes alone: no content is read, so a flipped bit goes unseen.</summary>
    public ImmutableArray<CheckpointEntry> Glance() => Each(CheckpointVerifier.Glance);

    /// <summary>The step that a checkpoint folder's name gives; null if it is no such name.</summary>
    public static int? StepOf(string checkpoint) => CheckpointNames.StepOf(checkpoint);

    /// <summary>One checkpoint folder, wherever it lies, verified to the last byte.</summary>
    /// <exception cref="ArgumentException">Its name is not that of a checkpoint.</exception>
    public static CheckpointEntry Verify(string checkpoint) =>
        CheckpointVerifier.Verify(checkpoint, StepOf(checkpoint) ?? throw new ArgumentException($"'{checkpoint}' is not named like a checkpoint.", nameof(checkpoint)));

    /// <summary>The newest whole checkpoint, and on the way there each torn one is reported; null if none is whole.</summary>
    /// <param name="atMost">Newer steps are not looked at; null looks at all.</param>
    public CheckpointEntry? NewestWhole(int? atMost = null, Action<CheckpointEntry>? torn = null) =>
        FirstWhole(CheckpointNames.Steps(folder).Where(step => step <= (atMost ?? int.MaxValue)), torn);

    /// <summary>Where a run goes on: at the newest whole checkpoint up to the one that is known of; where retention has taken these, at the first whole one after it.</summary>
    /// <remarks>
    /// Later ones come from ranks that trained on while nobody listened. They are of the same science and whole, so that going on from one is
    /// as good; the run has claimed the folder by then, so that those ranks cannot write any more.
    /// </remarks>
    /// <param name="known">Step of the newest checkpoint that the run is known to have taken.</param>
    /// <param name="torn">Told of each that is passed over.</param>
    public CheckpointEntry? ToGoOnFrom(int known, Action<CheckpointEntry>? torn = null) =>
        NewestWhole(known, torn) ?? FirstWhole(CheckpointNames.Steps(folder).Where(step => step > known).Order(), torn);

    /// <summary>The newest generation that has come to write here; 0: none has.</summary>
    public int Generation => CheckpointNames.Claims(folder).DefaultIfEmpty().Max();

    /// <summary>Opens one checkpoint once all of it has been verified.</summary>
    /// <inheritdoc cref="ReadWhole"/>
    public LoadedCheckpoint Load(int step, string scienceHash) =>
        LoadedCheckpoint.Open(folder.Checkpoint(step), ReadWhole(step, scienceHash));

    /// <summary>The manifest of one checkpoint once all of it has been verified.</summary>
    /// <param name="scienceHash">Of the plan that is to go on from it.</param>
    /// <exception cref="CheckpointException">It is torn, missing, or of another science.</exception>
    internal CheckpointManifest ReadWhole(int step, string scienceHash)
    {
        var entry = CheckpointVerifier.Verify(folder.Checkpoint(step), step);
        if (entry.Fault is { } fault) throw new CheckpointException(fault.Path, fault.Cause, fault);
        var manifest = entry.Manifest!;
        if (manifest.ScienceHash != scienceHash)
        {
            throw new CheckpointException(entry.Folder,
                $"belongs to an experiment with science hash {manifest.ScienceHash}, the plan's is {scienceHash}: "
                + "seed, data, retriever, stages or evaluation differ. Use the spec it was made with, or start a new run.");
        }
        return manifest;
    }

    private CheckpointEntry? FirstWhole(IEnumerable<int> steps, Action<CheckpointEntry>? torn)
    {
        foreach (var step in steps)
        {
            var entry = CheckpointVerifier.Verify(folder.Checkpoint(step), step);
            if (entry.IsWhole) return entry;
            torn?.Invoke(entry);
        }
        return null;
    }

    /// <summary>One that a running training retires meanwhile is gone, not torn.</summary>
    private ImmutableArray<CheckpointEntry> Each(Func<string, int, CheckpointEntry> check) =>
    [
        .. CheckpointNames.Steps(folder)
            .Select(step => check(folder.Checkpoint(step), step))
            .Where(entry => entry.IsWhole || Path.Exists(entry.Folder)),
    ];
}
