using System.Security.Cryptography;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Decides whether a checkpoint folder is whole, without reading a single tensor.</summary>
internal static class CheckpointVerifier
{
    private const int Schema = 1;

    /// <summary>Reads every byte once, for the hashes.</summary>
    public static CheckpointEntry Verify(RunFolder folder, int step) => Check(folder, step, VerifyHash);

    /// <summary>Manifest and sizes only: enough to count what this store itself has written.</summary>
    public static CheckpointEntry Glance(RunFolder folder, int step) => Check(folder, step, (_, _) => { });

    private static CheckpointEntry Check(RunFolder folder, int step, Action<string, CheckpointFile> checkContent)
    {
        var path = folder.Checkpoint(step);
        CheckpointManifest? manifest = null;
        try
        {
            manifest = ReadManifest(path, step);
            foreach (var file in manifest.Files)
            {
                VerifySize(path, file);
                checkContent(path, file);
            }
            return new CheckpointEntry(step, path, null, manifest);
        }
        catch (CheckpointException e)
        {
            return new CheckpointEntry(step, path, e, manifest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CheckpointEntry(step, path, new CheckpointException(path, $"cannot be read: {e.Message}", e), manifest);
        }
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

    private static void VerifySize(string folder, CheckpointFile file)
    {
        var info = new FileInfo(Path.Combine(folder, file.Name));
        if (!info.Exists) throw new CheckpointException(info.FullName, "is missing, though the manifest lists it.");
        if (info.Length != file.Bytes) throw new CheckpointException(info.FullName, $"has {info.Length} bytes, the manifest says {file.Bytes}.");
    }

    private static void VerifyHash(string folder, CheckpointFile file)
    {
        var path = Path.Combine(folder, file.Name);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (hash != file.Sha256) throw new CheckpointException(path, $"has SHA-256 {hash}, the manifest says {file.Sha256}.");
    }
}
