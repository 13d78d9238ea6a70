using System.Text.RegularExpressions;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>What an experiment's mirror holds: the same names as in the experiment's folder, below the mirror's address and the folder's name.</summary>
/// <remarks>
///   experiment.yaml                                                  first, with all runs' plans
///   runs/early/plan.json
///   runs/early/checkpoints/step-000060/weights.safetensors           then the tensors
///   runs/early/checkpoints/step-000060/optimizer.safetensors
///   runs/early/metrics.jsonl, runs/early/mined-negatives-STAGE.jsonl then what its steps have left
///   runs/early/checkpoints/step-000060/manifest.json                 last: without it the checkpoint is torn
/// </remarks>
internal sealed partial class MirrorNames(RunFolder run)
{
    public const string Spec = "experiment.yaml", Runs = "runs/";

    private readonly string root = Path.GetDirectoryName(Path.GetDirectoryName(run.Path)!)!;

    /// <summary>The experiment that the run belongs to.</summary>
    public ExperimentFolder Experiment => new(root);

    /// <summary>Where its mirror is.</summary>
    /// <param name="mirror">As the spec has it.</param>
    public StorageAddress Place(StorageAddress mirror) => mirror.Below(Path.GetFileName(root));

    /// <summary>Of a file or folder in the experiment's folder.</summary>
    public string Of(string path) => Path.GetRelativePath(root, path).Replace(Path.DirectorySeparatorChar, '/');

    /// <summary>The run and the step of a checkpoint's file; null for any other.</summary>
    public static (string Run, int Step, string File)? Checkpoint(string name) =>
        InCheckpoint().Match(name) is { Success: true } match && CheckpointCatalog.StepOf(match.Groups["step"].Value) is { } step
            ? (match.Groups["run"].Value, step, match.Groups["file"].Value)
            : null;

    /// <summary>Whether a name is of a file that an experiment or a run has beside its checkpoints. Any other is nothing of ours.</summary>
    public static bool IsOfRunOrExperiment(string name) => name == Spec || InRun().IsMatch(name);

    // No part begins with a dot: whatever a bucket holds, it stays within the folder that it is pulled to.

    [GeneratedRegex(@"\Aruns/(?<run>\w[\w.-]*)/checkpoints/(?<step>step-\d+)/(?<file>\w[\w.-]*)\z")]
    private static partial Regex InCheckpoint();

    [GeneratedRegex(@"\Aruns/\w[\w.-]*/(?:plan\.json|metrics\.jsonl|mined-negatives-[\w.-]+\.jsonl)\z")]
    private static partial Regex InRun();
}
