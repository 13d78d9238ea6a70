using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>An experiment in the mirror, for reading: what is there, and bringing it to a machine that has never seen it.</summary>
/// <param name="place">The mirror's address and the name of the experiment's folder.</param>
public sealed class MirroredExperiment(StorageAddress place) : IDisposable
{
    private readonly ObjectStore store = new(place);

    /// <summary>By run, newest first.</summary>
    /// <exception cref="CheckpointException">Storage refuses or cannot be reached, or no experiment is there.</exception>
    public ImmutableArray<MirroredCheckpoint> List(CancellationToken stop) => Checkpoints(Objects(stop));

    /// <summary>Writes the experiment's folder: spec, plans, metrics, and each run's newest checkpoint that is whole to the last byte.</summary>
    /// <param name="target">Must not exist; it appears once all of it is there.</param>
    /// <param name="progress">Told before each file, and after each piece of it.</param>
    /// <param name="torn">Told of each checkpoint that is passed over.</param>
    /// <returns>The checkpoint of each run that has one.</returns>
    /// <exception cref="CheckpointException">As for <see cref="List"/>; or of some run no checkpoint is whole, so that it could not go on.</exception>
    /// <exception cref="IOException">The target exists or cannot be written.</exception>
    public ImmutableArray<CheckpointEntry> Pull(ExperimentFolder target, Action<PullProgress> progress, Action<CheckpointEntry> torn, CancellationToken stop)
    {
        if (Path.Exists(target.Path))
            throw new IOException($"{target.Path}: is there already. Go on with it (jf run --resume), move it away, or give another --out.");
        var objects = Objects(stop);
        var temporary = new ExperimentFolder($"{target.Path}.pull-{Random.Shared.Next():x8}");
        try
        {
            var pulled = new MirrorPull(store, temporary, progress, torn, stop).All(objects, Checkpoints(objects));
            Directory.Move(temporary.Path, target.Path);
            return [.. pulled.Select(entry => entry with { Folder = Path.Combine(target.Path, Path.GetRelativePath(temporary.Path, entry.Folder)) })];
        }
        catch
        {
            new PhysicalDisk().TryDelete(temporary.Path);
            throw;
        }
    }

    public void Dispose() => store.Dispose();

    private List<StoredObject> Objects(CancellationToken stop)
    {
        var objects = store.List("", stop);
        if (objects.Any(found => found.Name == MirrorNames.Spec))
            return objects;
        var experiments = objects.Select(found => found.Name.Split('/')).Where(parts => parts is [_, MirrorNames.Spec]).Select(parts => place.Below(parts[0])).ToArray();
        throw new CheckpointException(place.ToString(), experiments.Length == 0
            ? "no experiment is mirrored here. Give s3://BUCKET/PREFIX/EXPERIMENT: checkpoints.mirror of its spec, and the name of its folder below runs/."
            : $"is not an experiment's place, but holds some. Give one of them: {string.Join(", ", experiments.AsEnumerable())}.");
    }

    private static ImmutableArray<MirroredCheckpoint> Checkpoints(List<StoredObject> objects) =>
    [
        .. from found in objects
           let checkpoint = MirrorNames.Checkpoint(found.Name)
           where checkpoint is not null
           group (found, checkpoint.Value.File) by (checkpoint.Value.Run, checkpoint.Value.Step) into files
           orderby files.Key.Run, files.Key.Step descending
           select new MirroredCheckpoint(
               files.Key.Run,
               files.Key.Step,
               files.Sum(file => file.found.Bytes),
               files.Max(file => file.found.WrittenAt),
               files.Any(file => file.File == CheckpointNames.Manifest),
               [.. files.Select(file => file.found.Name)]),
    ];
}
