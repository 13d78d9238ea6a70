using System.Security.Cryptography;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Finds out before an attempt trains whether its checkpoints can be written, and whether all ranks see one and the same folder.</summary>
/// <remarks>
/// <code>
///   all ranks     see the run's folder and plan.json
///   rank 0        makes .probe-G-new, writes and syncs a token of random bytes in it, renames it to .probe-G
///   other ranks   read the token there, and compare it with what rank 0 sends over the group
///   rank 0        deletes .probe-G; warns where there is room for less than two checkpoints
/// </code>
/// What an attempt that died meanwhile has left is removed by the next.
/// </remarks>
/// <param name="disk">Takes rank 0's token; null: the file system.</param>
public sealed class FolderProbe(RunFolder folder, int generation, IProcessGroup group, IRunEvents events, IDisk? disk = null)
{
    private const string Token = "token";
    private const int TokenBytes = 16;
    private const string WayOut = "Every worker needs to see the same folder: put runs/ on a network share.";

    /// <summary>A share may show a new name late.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Admission admission = new(group, "the run's folder");
    private readonly IDisk disk = disk ?? new PhysicalDisk();
    private readonly string probe = CheckpointNames.Probe(folder, generation);

    /// <param name="checkpointBytes">Of one checkpoint.</param>
    /// <exception cref="CheckpointException">On each rank that cannot use the folder: names rank, folder, cause and way out.</exception>
    /// <exception cref="PeerLostException">On the other ranks, once one cannot.</exception>
    public void Check(long checkpointBytes)
    {
        var isWriter = group.Rank == 0;
        var token = RandomNumberGenerator.GetBytes(TokenBytes);
        group.Broadcast(token, root: 0);
        var unusable = Unseen(folder, group.Rank) ?? (isWriter ? Written(token) : null);
        admission.Agree(unusable);
        var missing = isWriter ? null : Missing(token);
        var culprit = admission.Culprit(missing); // by now all have looked
        var left = isWriter ? Removed() : null;
        admission.ThrowIf(missing, culprit);
        admission.Agree(left);
        if (isWriter)
            WarnOfLittleRoom(checkpointBytes);
    }

    /// <summary>Why this rank cannot even begin: the folder or its plan are not there; null: they are.</summary>
    public static CheckpointException? Unseen(RunFolder folder, int rank)
    {
        if (!Directory.Exists(folder.Path))
            return new CheckpointException(folder.Path, $"{Admission.Who(rank)} does not see this folder. {WayOut}");
        return File.Exists(folder.Plan) ? null : new CheckpointException(folder.Plan, $"{Admission.Who(rank)} sees the folder of this file, but not the file. {WayOut}");
    }

    private CheckpointException? Written(byte[] token) => Refusal(() =>
    {
        disk.CreateDirectory(folder.Checkpoints);
        RemoveAll();
        var making = CheckpointNames.ProbeInTheMaking(folder, generation);
        disk.CreateDirectory(making);
        disk.WriteFile(Path.Combine(making, Token), stream => stream.Write(token));
        disk.SyncDirectory(making);
        disk.MoveDirectory(making, probe);
        disk.SyncDirectory(folder.Checkpoints);
    });

    private CheckpointException? Removed() => Refusal(RemoveAll);

    private void RemoveAll()
    {
        foreach (var left in CheckpointNames.Probes(folder).Where(left => left.Generation <= generation).ToArray())
            disk.DeleteDirectory(left.Path);
    }

    private CheckpointException? Refusal(Action steps)
    {
        try
        {
            steps();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new CheckpointException(folder.Checkpoints,
                $"{Admission.Who(group.Rank)} has to create, write, sync, rename and delete checkpoints here, and cannot: {e.Message} Put runs/ where it can.", e);
        }
    }

    private CheckpointException? Missing(byte[] token) => SpinWait.SpinUntil(() => Holds(token), Patience)
        ? null
        : new CheckpointException(folder.Checkpoints,
            $"{Admission.Who(group.Rank)} does not see what rank 0 has just written here: its folder of this name is another one. {WayOut}");

    private bool Holds(byte[] token)
    {
        try
        {
            return File.ReadAllBytes(Path.Combine(probe, Token)).AsSpan().SequenceEqual(token);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // not there, or not for this rank's user to read
        }
    }

    private void WarnOfLittleRoom(long checkpointBytes)
    {
        const double mebibyte = 1 << 20;
        var (free, needed) = (disk.FreeBytes(folder.Checkpoints), 2 * checkpointBytes);
        if (free < needed)
        {
            events.Warning($"{folder.Checkpoints}: {free / mebibyte:N1} MiB are free, and two checkpoints take {needed / mebibyte:N1} MiB. "
                + "Make room, or one may not be written.");
        }
    }
}
