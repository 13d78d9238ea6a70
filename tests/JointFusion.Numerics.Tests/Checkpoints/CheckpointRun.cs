using JointFusion.Experiments;
using JointFusion.Retrieval;
using JointFusion.Training;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>A run's folder, stores on it, and the states they save: the weights of step s are all s.</summary>
internal sealed class CheckpointRun : IDisposable
{
    private readonly TemporaryFolder root = new();

    public CheckpointRun() => Folder = new RunFolder(root.Path);

    public RunFolder Folder { get; }
    public List<CheckpointManifest> Written { get; } = [];
    public List<(int Step, CheckpointException Cause)> Failed { get; } = [];
    public CheckpointCatalog Catalog => new(Folder);

    public CheckpointStore Store(int generation = 1, int keep = 2, IDisk? disk = null) => Store(new CheckpointSpec { Keep = keep }, generation, disk);

    public CheckpointStore Store(CheckpointSpec spec, int generation = 1, IDisk? disk = null) =>
        new(Folder, spec, new CheckpointOwner("run", "science", "plan", generation, 2),
            new CheckpointEvents(Written.Add, (step, cause) => Failed.Add((step, cause))), disk);

    /// <summary>Saves the steps and waits for all writes, whatever becomes of them.</summary>
    public void Save(CheckpointStore store, params int[] steps)
    {
        foreach (var step in steps) SaveOne(store, step, step);
        store.Dispose();
    }

    public static CheckpointStall SaveOne(CheckpointStore store, int step, float value, string stage = "adaptation", double? loss = null)
    {
        using var scope = NewDisposeScope();
        return store.Save(new CheckpointState(step, stage, $"ledger-{step}",
            [new("weight", full([40, 50], value))], [new("moment", full([40, 50], value * 2)), new("steps", tensor((long)step))], loss));
    }

    /// <summary>Of a checkpoint, verified, all of whose weights must be equal.</summary>
    public float Value(int step)
    {
        using var scope = NewDisposeScope();
        using var checkpoint = Catalog.Load(step, "science");
        var weight = checkpoint.Weights.Read("weight").data<float>().ToArray();
        return weight.All(value => value == weight[0]) ? weight[0] : float.NaN;
    }

    public string[] Names() => [.. Directory.GetFileSystemEntries(Folder.Checkpoints).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public void Dispose() => root.Dispose();
}
