namespace JointFusion.Training;

/// <summary>Ranks of one group called different collectives, or the same one with other sizes: a bug in the training loop, not a lost peer.</summary>
/// <remarks>The group is of no further use afterwards; ranks that are not neighbours of the odd one see a <see cref="PeerLostException"/> instead.</remarks>
public sealed class CollectiveMismatchException(string message) : InvalidOperationException(message);
