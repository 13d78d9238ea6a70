using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>A checkpoint folder as it was found.</summary>
/// <param name="Fault">Why it is torn; null if it is whole.</param>
/// <param name="Manifest">Null where it cannot be read.</param>
public sealed record CheckpointEntry(int Step, string Folder, CheckpointException? Fault, CheckpointManifest? Manifest)
{
    /// <summary>Every file is there with the size and the hash that the manifest says.</summary>
    public bool IsWhole => Fault is null;
}
