namespace JointFusion.Training;

/// <summary>How long a save held up training: waiting for the write before it, then copying.</summary>
public readonly record struct CheckpointStall(TimeSpan Waited, TimeSpan Copied);
