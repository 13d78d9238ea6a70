using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Decides whether a checkpoint folder is whole, without reading a single tensor.</summary>
internal static class CheckpointVerifier
{
    private const int Schema = 1;

    /// <summary>Reads every byte once, for the hashes.</summary>
    /// <param name="folder">Of the checkpoint.</param>
    /// <param name="step">That its name gives.</param>
    public static CheckpointEntry Verify(string folder, int step) => Check(folder, step, hashes: true);

    /// <summary>Manifest and sizes only: as cheap as listing the folder.</summary>
    /// <inheritdoc cref="Verify"/>
    public static CheckpointEntry Glance(string folder, int step) => Check(folder, step, hashes: false);

    private static CheckpointEntry Check(string folder, int step, bool hashes)
    {
        CheckpointManifest manifest;
        try
        {
            manifest = ReadManifest(folder, step);
        }
        catch (CheckpointException e)
        {
            return new CheckpointEntry(step, folder, [e], null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CheckpointEntry(step, folder, [new CheckpointException(folder, $"cannot be read: {e.Message}", e)], null);
        }
        var faults = manifest.Files.Select(file => FileCheck.FaultOf(folder, file, "the manifest", hashes));
        return new CheckpointEntry(step, folder, [.. faults.OfType<CheckpointException>()], manifest);
    }

    private static CheckpointManifest ReadManifest(string folder, int step)
    {
        var path = Path.Combine(folder, CheckpointNames.Manifest);
        if (!File.Exists(path)) throw new CheckpointException(path, "is missing, so the checkpoint was never finished.");
        CheckpointManifest manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<CheckpointManifest>(File.ReadAllBytes(path), JointFusionJson.File)
                ?? throw new CheckpointException(path, "holds null.");
        }
        catch (JsonException e)
        {
            throw new CheckpointException(path, $"is not a manifest: {e.Message}", e);
        }
        if (manifest.Schema != Schema) throw new CheckpointException(path, $"has schema {manifest.Schema}; this version reads {Schema}.");
        if (manifest.Step != step) throw new CheckpointException(path, $"is of step {manifest.Step}.");
        if (manifest.Files.IsDefault) throw new CheckpointException(path, "lists no files.");
        if (manifest.Files.FirstOrDefault(file => Path.GetFileName(file.Name) != file.Name) is { } outside)
            throw new CheckpointException(path, $"lists '{outside.Name}', which is outside the checkpoint.");
        foreach (var name in new[] { CheckpointNames.Weights, CheckpointNames.Optimizer })
        {
            if (manifest.Files.All(file => file.Name != name)) throw new CheckpointException(path, $"does not list {name}.");
        }
        return manifest;
    }
}
