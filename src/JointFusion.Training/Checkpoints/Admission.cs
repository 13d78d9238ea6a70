using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>One rank's fault becomes the refusal of all: no rank trains while another cannot.</summary>
/// <param name="what">That is to be used: "the run's folder".</param>
internal sealed class Admission(IProcessGroup group, string what)
{
    /// <summary>For messages: a rank and its machine.</summary>
    public static string Who(int rank) => $"rank {rank} on {Environment.MachineName}";

    /// <summary>Called by all ranks, each with its own fault or null.</summary>
    /// <exception cref="CheckpointException">On a rank that has a fault: that.</exception>
    /// <exception cref="PeerLostException">On the others, once one has.</exception>
    public void Agree(CheckpointException? own) => ThrowIf(own, Culprit(own));

    /// <summary>The first rank that has a fault; null if none has. Called by all ranks.</summary>
    public int? Culprit(CheckpointException? own)
    {
        Span<int> faults = new int[group.WorldSize];
        faults[group.Rank] = own is null ? 0 : 1;
        group.AllReduce(faults);
        return faults.IndexOf(1) is var rank and >= 0 ? rank : null;
    }

    /// <param name="culprit">From <see cref="Culprit"/>.</param>
    /// <inheritdoc cref="Agree"/>
    public void ThrowIf(CheckpointException? own, int? culprit)
    {
        if (own is not null)
            throw own;
        if (culprit is { } rank)
            throw new PeerLostException(rank, $"Rank {rank} cannot use {what}.");
    }
}
