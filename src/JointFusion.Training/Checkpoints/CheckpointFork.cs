using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Copies a checkpoint into the folder of the run that is to begin at it, so that neither run needs the other.</summary>
public static class CheckpointFork
{
    private const int BeforeTheFirstAttempt = 0;

    /// <summary>Verified to the last byte; the copy has the same tensors, step and ledger, and belongs to <paramref name="fork"/>.</summary>
    /// <param name="fork">Made by <see cref="ForkPlan.Apply"/>.</param>
    /// <exception cref="CheckpointException">The checkpoint is torn or not of the plan it lies beside.</exception>
    /// <exception cref="IOException">The target cannot be written.</exception>
    public static void Copy(RunFolder source, RunPlan sourcePlan, RunPlan fork, RunFolder target) =>
        Copy(source, sourcePlan, fork.Fork?.Step ?? throw new ArgumentException("The plan is of no fork.", nameof(fork)), fork, target);

    /// <param name="plan">Of the run that is to begin at it.</param>
    /// <inheritdoc cref="Copy(RunFolder, RunPlan, RunPlan, RunFolder)"/>
    internal static void Copy(RunFolder source, RunPlan sourcePlan, int step, RunPlan plan, RunFolder target)
    {
        var manifest = new CheckpointCatalog(source).ReadWhole(step, sourcePlan.ScienceHash);
        UntrainedWeights.RequireSameModel(source.Checkpoint(step), manifest.FromFolder, plan);
        var owner = CheckpointOwner.Of(plan, BeforeTheFirstAttempt, plan.Resources.Workers);
        var disk = new PhysicalDisk();
        var temporary = CheckpointNames.Temporary(target, step, owner.Generation);
        disk.CreateDirectory(target.Checkpoints);
        disk.CreateDirectory(temporary);
        foreach (var file in manifest.Files)
            disk.WriteFile(Path.Combine(temporary, file.Name), stream => CopyInto(stream, Path.Combine(source.Checkpoint(step), file.Name)));
        CopyMined(source, sourcePlan.StageOf(step).Spec.Name, target);
        var own = manifest with
        {
            Run = owner.Run,
            ScienceHash = owner.ScienceHash,
            PlanHash = owner.PlanHash,
            Generation = owner.Generation,
        };
        disk.WriteFile(Path.Combine(temporary, CheckpointNames.Manifest), stream => JsonSerializer.Serialize(stream, own, JointFusionJson.File));
        disk.SyncDirectory(temporary);
        disk.MoveDirectory(temporary, target.Checkpoint(step));
        disk.SyncDirectory(target.Checkpoints);
    }

    /// <summary>Where the checkpoint lies within a stage that has mined negatives, the steps after it draw from the same.</summary>
    private static void CopyMined(RunFolder source, string stage, RunFolder target)
    {
        if (File.Exists(source.MinedNegatives(stage)))
            File.Copy(source.MinedNegatives(stage), target.MinedNegatives(stage), overwrite: true);
    }

    private static void CopyInto(Stream target, string path)
    {
        using var from = File.OpenRead(path);
        from.CopyTo(target);
    }
}
