using System.Security.Cryptography;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Tests;

/// <summary>A whole checkpoint, but for the weights: any bytes do where none are read as tensors.</summary>
internal static class SavedCheckpoint
{
    /// <summary>2,000 bytes of weights, 4,000 of optimizer, all of them the step's lowest byte.</summary>
    /// <returns>Its folder.</returns>
    /// <param name="left">See <see cref="CheckpointManifest.FromFolder"/>.</param>
    public static string Write(RunFolder run, RunPlan plan, int step, FolderWeights? left = null)
    {
        var folder = run.Checkpoint(step);
        Directory.CreateDirectory(folder);
        var manifest = new CheckpointManifest
        {
            Run = plan.Run,
            ScienceHash = plan.ScienceHash,
            PlanHash = plan.PlanHash,
            Generation = 1,
            Step = step,
            Stage = plan.StageOf(step).Spec.Name,
            Ledger = $"ledger-{step}",
            WorldSize = 2,
            FromFolder = left,
            Files = [Fill(folder, "weights.safetensors", 2000, step), Fill(folder, "optimizer.safetensors", 4000, step)],
        };
        File.WriteAllText(Path.Combine(folder, "manifest.json"), JsonSerializer.Serialize(manifest, JointFusionJson.File));
        return folder;
    }

    private static CheckpointFile Fill(string folder, string name, int length, int step)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, (byte)step);
        File.WriteAllBytes(Path.Combine(folder, name), bytes);
        return new CheckpointFile(name, length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }
}
