using System.Text.Json;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Makes of a checkpoint a folder that is a retriever by itself: see <see cref="ExportedRetriever"/>. Copies bytes; a published model alone is loaded, to merge what it has learned.</summary>
/// <remarks>
/// What a crash after each step leaves behind:
///   1 verify checkpoint and data           nothing
///   2 write and sync weights, vocabulary   DIR.tmp-..., which nothing reads
///   3 write and sync the config            the same
///   4 rename it to DIR                     DIR, whole
/// </remarks>
/// <param name="plan">Of the run.</param>
/// <param name="run">Its folder.</param>
public sealed class RetrieverExporter(RunPlan plan, RunFolder run, IDisk? disk = null)
{
    private readonly IDisk disk = disk ?? new PhysicalDisk();

    /// <param name="step">Of the checkpoint.</param>
    /// <param name="target">A folder that is empty or not there.</param>
    /// <returns>config.json.</returns>
    /// <exception cref="CheckpointException">The checkpoint is torn or of another science than the plan, the target is taken, or the published model has changed.</exception>
    /// <exception cref="DataException">The data set, whose vocabulary is copied, is gone or has changed.</exception>
    /// <exception cref="IOException">The target cannot be written; nothing is there then.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public ExportConfig Export(int step, string target)
    {
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(target));
        ThrowIfTaken(folder);
        var manifest = new CheckpointCatalog(run).ReadWhole(step, plan.ScienceHash);
        var data = RunData.OpenSet(plan);
        RunData.RequireBackbone(plan);
        var vocabulary = plan.Retriever.Backbone is null ? ReadVocabulary(data) : null;
        var beside = new ExportFolder($"{folder}.tmp-{Guid.NewGuid():N}");
        try
        {
            disk.CreateDirectory(beside.Path);
            var config = Config(manifest, data, vocabulary is null
                ? [.. BackboneExport.Write(plan, run, manifest, beside)]
                : [CopyWeights(manifest, beside.Weights), disk.WriteHashed(beside.Vocabulary, stream => stream.Write(vocabulary))]);
            if (vocabulary is null)
                disk.SyncTree(beside.Path);
            disk.WriteFile(beside.Config, stream => JsonSerializer.Serialize(stream, config, JointFusionJson.File));
            disk.SyncDirectory(beside.Path);
            Publish(beside.Path, folder);
            return config;
        }
        finally
        {
            disk.TryDelete(beside.Path);
        }
    }

    private static void ThrowIfTaken(string folder)
    {
        if (File.Exists(folder)) throw new CheckpointException(folder, "is a file. Choose a folder that is not there yet.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new CheckpointException(folder, "is not empty. Choose another folder, or delete this one.");
    }

    private byte[] ReadVocabulary(MbeirDataset data)
    {
        var entries = data.Tokenizer.VocabularySize;
        return entries == plan.Data.VocabularySize
            ? data.ReadVocabulary()
            : throw new DataException(
                $"{data.Root}: the vocabulary has changed since the run was planned ({entries} entries, plan {plan.Data.VocabularySize}). Restore it.");
    }

    /// <summary>Hashed on the way: what arrives is what was saved, whatever happens to the checkpoint meanwhile.</summary>
    private CheckpointFile CopyWeights(CheckpointManifest manifest, string to)
    {
        var saved = manifest.Files.First(file => file.Name == CheckpointNames.Weights);
        var source = Path.Combine(run.Checkpoint(manifest.Step), saved.Name);
        using var from = File.OpenRead(source);
        var copied = disk.WriteHashed(to, from.CopyTo);
        return copied.Sha256 == saved.Sha256
            ? copied
            : throw new CheckpointException(source, "changed while it was copied. Export again.");
    }

    private ExportConfig Config(CheckpointManifest manifest, MbeirDataset data, params CheckpointFile[] files) => new()
    {
        Experiment = plan.Experiment,
        Run = plan.Run,
        Step = manifest.Step,
        Stage = manifest.Stage,
        Seed = plan.Seed,
        Stages = SavedRetriever.TrainedUpTo(plan, manifest.Step),
        ScienceHash = manifest.ScienceHash,
        PlanHash = manifest.PlanHash,
        Ledger = manifest.Ledger,
        Matryoshka = plan.StageOf(manifest.Step).Spec.Matryoshka,
        Data = new ExportedData(data.Name, data.ManifestHash, plan.Data.ImageSize),
        Retriever = plan.Retriever,
        Files = [.. files],
    };

    private void Publish(string beside, string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder); // refuses a folder that has come to hold something
        disk.MoveDirectory(beside, folder);
        disk.SyncDirectory(Path.GetDirectoryName(folder)!);
    }
}
