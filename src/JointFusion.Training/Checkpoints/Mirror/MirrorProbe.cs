using System.Security.Cryptography;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Finds out before an attempt trains whether its checkpoints can be mirrored: rank 0 puts an object, all read it, rank 0 deletes it.</summary>
/// <remarks>Every rank needs to reach it: whichever machine rank 0 is on in the next attempt, it will have to.</remarks>
internal sealed class MirrorProbe(StorageAddress mirror, RunFolder folder, int generation, IProcessGroup group)
{
    private const int TokenBytes = 16;

    private readonly Admission admission = new(group, $"the mirror {mirror}");

    /// <exception cref="CheckpointException">On each rank that cannot use the mirror: names rank, address, cause and way out.</exception>
    /// <exception cref="PeerLostException">On the other ranks, once one cannot.</exception>
    public void Check()
    {
        var names = new MirrorNames(folder);
        using var store = new ObjectStore(names.Place(mirror));
        var probe = names.Of(CheckpointNames.Probe(folder, generation));
        var token = RandomNumberGenerator.GetBytes(TokenBytes);
        group.Broadcast(token, root: 0);
        var isWriter = group.Rank == 0;
        admission.Agree(isWriter ? Refusal(() => store.PutBytes(probe, token, default)) : null);
        var missing = Refusal(() => Read(store, probe, token));
        var culprit = admission.Culprit(missing); // by now all have looked
        var left = isWriter ? Refusal(() => store.Delete(probe, default)) : null;
        admission.ThrowIf(missing, culprit);
        admission.Agree(left);
    }

    private void Read(ObjectStore store, string probe, byte[] token)
    {
        if (store.GetBytes(probe, default)?.AsSpan().SequenceEqual(token) != true)
            throw new CheckpointException(store.Place.Below(probe).ToString(), "is not what rank 0 has just put here. Give every worker the same AWS_ENDPOINT_URL.");
    }

    private CheckpointException? Refusal(Action step)
    {
        try
        {
            step();
            return null;
        }
        catch (CheckpointException e)
        {
            return new CheckpointException(
                e.Path, $"{Admission.Who(group.Rank)} cannot mirror checkpoints here: {e.Cause} Or leave checkpoints.mirror out of the spec.", e);
        }
    }
}
