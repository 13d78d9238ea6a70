namespace JointFusion.Cli;

/// <summary>A drill cannot go on: the cluster is not as it is to be, and for how long that was waited for. It counts as not survived.</summary>
internal sealed class DrillException(string message) : Exception(message);
