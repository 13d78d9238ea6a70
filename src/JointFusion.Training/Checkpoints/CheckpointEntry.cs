using System.Collections.Immutable;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>A checkpoint folder as it was found.</summary>
/// <param name="Faults">Why it is torn, at most one a file; empty if it is whole.</param>
/// <param name="Manifest">Null where it cannot be read.</param>
public sealed record CheckpointEntry(int Step, string Folder, ImmutableArray<CheckpointException> Faults, CheckpointManifest? Manifest)
{
    /// <summary>Every file is there with the size and, where it was asked for, the hash that the manifest says.</summary>
    public bool IsWhole => Faults.IsEmpty;

    /// <summary>The first fault; null if it is whole.</summary>
    public CheckpointException? Fault => Faults.FirstOrDefault();
}
