using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>One run's part of the mirror, as rank 0 fills and clears it: a checkpoint is there whole, or not at all.</summary>
/// <remarks>All calls throw as <see cref="ObjectStore"/> does, and leave at worst a checkpoint without its manifest.</remarks>
internal sealed class MirroredRun(ObjectStore store, RunPlan plan, RunFolder folder)
{
    private readonly MirrorNames names = new(folder);
    private readonly Dictionary<int, CheckpointManifest> manifests = [];
    private bool sharedIsThere;

    /// <summary>Copies a whole checkpoint with what going on from it needs.</summary>
    /// <param name="isNew">Just written; otherwise nothing happens where an earlier attempt has copied it.</param>
    public void Put(int step, bool isNew, CancellationToken stop)
    {
        var checkpoint = folder.Checkpoint(step);
        var path = Path.Combine(checkpoint, CheckpointNames.Manifest);
        var manifest = File.ReadAllBytes(path);
        if (store.GetBytes(names.Of(path), stop) is { } there)
        {
            if (!isNew && there.AsSpan().SequenceEqual(manifest))
                return;
            store.Delete(names.Of(path), stop); // its files are about to be replaced
        }
        PutShared(stop);
        foreach (var file in Read(manifest).Files)
            Put(Path.Combine(checkpoint, file.Name), stop);
        PutMetrics(stop);
        foreach (var mined in plan.Stages.Select(stage => folder.MinedNegatives(stage.Spec.Name)).Where(File.Exists))
            Put(mined, stop);
        store.PutBytes(names.Of(path), manifest, stop);
    }

    /// <summary>Deletes what the spec does not ask to keep of the checkpoints there up to this step, and torn ones, manifests first.</summary>
    /// <remarks>
    /// By the mirror's own content: it may lack steps that went by while it was busy, and may hold some that this folder, pulled from it, never
    /// had. So there are always as many to go back to as the spec says.
    /// </remarks>
    public void Retire(int written, CancellationToken stop)
    {
        var steps = store.List(names.Of(folder.Checkpoints) + "/", stop)
            .Select(found => (found.Name, Checkpoint: MirrorNames.Checkpoint(found.Name)))
            .Where(found => found.Checkpoint?.Step <= written)
            .ToLookup(found => found.Checkpoint!.Value.Step, found => found.Name);
        var (whole, torn) = (new List<CheckpointManifest>(), new List<int>());
        foreach (var step in steps.Select(step => step.Key).OrderDescending())
        {
            if (ManifestOf(step, stop) is { } manifest)
                whole.Add(manifest);
            else
                torn.Add(step);
        }
        foreach (var step in CheckpointRetention.Superfluous(plan.Checkpoints, whole).Concat(torn).ToArray())
        {
            manifests.Remove(step);
            foreach (var name in steps[step].OrderByDescending(IsManifest))
                store.Delete(name, stop);
        }
    }

    private CheckpointManifest? ManifestOf(int step, CancellationToken stop)
    {
        if (!manifests.TryGetValue(step, out var manifest) && store.GetBytes(ManifestName(step), stop) is { } bytes && TryRead(bytes) is { } read)
            manifests.Add(step, manifest = read);
        return manifest;
    }

    /// <summary>The same for all runs and attempts, so that once an attempt is enough.</summary>
    private void PutShared(CancellationToken stop)
    {
        if (sharedIsThere)
            return;
        Put(names.Experiment.Spec, stop);
        foreach (var path in Directory.GetDirectories(names.Experiment.Runs).Select(run => new RunFolder(run).Plan).Where(File.Exists))
            Put(path, stop);
        sharedIsThere = true;
    }

    /// <summary>As far as it is now; it grows meanwhile, and is cut back to the checkpoint when a run goes on.</summary>
    private void PutMetrics(CancellationToken stop)
    {
        using var file = new FileStream(folder.Metrics, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        store.PutBytes(names.Of(folder.Metrics), bytes[..read], stop);
    }

    private void Put(string path, CancellationToken stop) => store.PutFile(names.Of(path), path, stop);

    private string ManifestName(int step) => names.Of(Path.Combine(folder.Checkpoint(step), CheckpointNames.Manifest));

    private static bool IsManifest(string name) => name.EndsWith("/" + CheckpointNames.Manifest, StringComparison.Ordinal);

    /// <summary>Null where somebody else has put something there.</summary>
    private static CheckpointManifest? TryRead(byte[] bytes)
    {
        try
        {
            return Read(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static CheckpointManifest Read(byte[] manifest) => JsonSerializer.Deserialize<CheckpointManifest>(manifest, JointFusionJson.File)!;
}
