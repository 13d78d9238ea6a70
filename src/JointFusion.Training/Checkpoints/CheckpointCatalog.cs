using System.Collections.Immutable;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>The checkpoints of a run, for reading: any process, any number of them.</summary>
public sealed class CheckpointCatalog(RunFolder folder)
{
    /// <summary>Every checkpoint, newest first, each verified to the last byte.</summary>
    public ImmutableArray<CheckpointEntry> List() =>
        [.. CheckpointNames.Steps(folder).Select(step => CheckpointVerifier.Verify(folder, step))];

    /// <summary>The newest whole checkpoint, and on the way there each torn one is reported; null if none is whole.</summary>
    /// <param name="atMost">Newer steps are not looked at; null looks at all.</param>
    public CheckpointEntry? NewestWhole(int? atMost = null, Action<CheckpointEntry>? torn = null)
    {
        foreach (var step in CheckpointNames.Steps(folder).Where(step => step <= (atMost ?? int.MaxValue)))
        {
            var entry = CheckpointVerifier.Verify(folder, step);
            if (entry.IsWhole) return entry;
            torn?.Invoke(entry);
        }
        return null;
    }

    /// <summary>Opens one checkpoint once all of it has been verified.</summary>
    /// <param name="scienceHash">Of the plan that is to go on from it.</param>
    /// <exception cref="CheckpointException">It is torn, missing, or of another science.</exception>
    public LoadedCheckpoint Load(int step, string scienceHash)
    {
        var entry = CheckpointVerifier.Verify(folder, step);
        if (entry.Fault is { } fault) throw new CheckpointException(fault.Path, fault.Cause, fault);
        var manifest = entry.Manifest!;
        if (manifest.ScienceHash != scienceHash)
        {
            throw new CheckpointException(entry.Folder,
                $"belongs to an experiment with science hash {manifest.ScienceHash}, the plan's is {scienceHash}: "
                + "seed, data, retriever, stages or evaluation differ. Use the spec it was made with, or start a new run.");
        }
        return LoadedCheckpoint.Open(entry.Folder, manifest);
    }
}
