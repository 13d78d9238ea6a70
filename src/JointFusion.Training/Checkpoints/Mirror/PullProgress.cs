namespace JointFusion.Training;

/// <param name="Name">Of the file that is being read, within the experiment.</param>
/// <param name="Bytes">Of it.</param>
/// <param name="Received">Of these; 0 when it begins.</param>
public readonly record struct PullProgress(string Name, long Bytes, long Received);
