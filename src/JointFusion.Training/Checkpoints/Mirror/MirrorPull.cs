using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Copies an experiment from its mirror into a folder.</summary>
internal sealed class MirrorPull(ObjectStore store, ExperimentFolder target, Action<PullProgress> progress, Action<CheckpointEntry> torn, CancellationToken stop)
{
    /// <returns>The checkpoint of each run that has one.</returns>
    public ImmutableArray<CheckpointEntry> All(List<StoredObject> objects, ImmutableArray<MirroredCheckpoint> checkpoints)
    {
        var sizes = objects.ToDictionary(found => found.Name, found => found.Bytes);
        foreach (var name in sizes.Keys.Where(MirrorNames.IsOfRunOrExperiment))
            Get(name, sizes[name]);
        return [.. checkpoints.Where(checkpoint => checkpoint.Whole).GroupBy(checkpoint => checkpoint.Run).Select(run => Newest([.. run], sizes))];
    }

    private CheckpointEntry Newest(MirroredCheckpoint[] newestFirst, Dictionary<string, long> sizes)
    {
        foreach (var checkpoint in newestFirst)
        {
            var entry = Get(checkpoint, sizes);
            if (entry.IsWhole)
                return entry;
            torn(entry);
            Directory.Delete(entry.Folder, recursive: true);
        }
        throw new CheckpointException(
            store.Place.Below(MirrorNames.Runs + newestFirst[0].Run).ToString(), "none of this run's checkpoints is whole to the last byte. Copy one from where it was trained, or train again.");
    }

    private CheckpointEntry Get(MirroredCheckpoint checkpoint, Dictionary<string, long> sizes)
    {
        var folder = target.Run(checkpoint.Run).Checkpoint(checkpoint.Step);
        try
        {
            foreach (var name in checkpoint.Names)
                Get(name, sizes[name]);
            return CheckpointCatalog.Verify(folder);
        }
        catch (CheckpointException fault) when (StorageFault.IsDamage(fault))
        {
            return new CheckpointEntry(checkpoint.Step, folder, [fault], null);
        }
    }

    private void Get(string name, long bytes)
    {
        var path = Path.Combine([target.Path, .. name.Split('/')]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var received = 0L;
        progress(new PullProgress(name, bytes, received));
        if (!store.GetFile(name, path, more => progress(new PullProgress(name, bytes, received += more)), stop))
            throw new CheckpointException(store.Place.Below(name).ToString(), "was removed while it was being read: the run goes on. Pull again.");
    }
}
