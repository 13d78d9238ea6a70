using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Keeps a run's checkpoint folder tidy: claims it for a generation, removes what dead ones left, retires old checkpoints.</summary>
/// <param name="isInUse">Whether somebody reads a step's files, so that it must not go yet; null: nobody does.</param>
internal sealed class CheckpointJanitor(RunFolder folder, CheckpointOwner owner, CheckpointSpec keep, IDisk disk, Func<int, bool>? isInUse = null)
{
    /// <summary>Claims the folder for this generation and puts right what an older one left half done.</summary>
    public void MoveIn()
    {
        disk.CreateDirectory(folder.Checkpoints);
        var claim = CheckpointNames.Claim(folder, owner.Generation);
        if (!File.Exists(claim)) disk.WriteFile(claim, _ => { });
        foreach (var leftover in CheckpointNames.Leftovers(folder).Where(leftover => leftover.Generation <= owner.Generation).ToArray())
        {
            if (leftover.IsReplaced && !Directory.Exists(folder.Checkpoint(leftover.Step)))
                disk.MoveDirectory(leftover.Path, folder.Checkpoint(leftover.Step));
            else
                disk.TryDelete(leftover.Path); // a stale attempt may still be writing into it; it is never read, and the next start tries again
        }
        disk.SyncDirectory(folder.Checkpoints);
    }

    /// <summary>Deletes what the new checkpoint replaced, and of the whole ones up to it all that nothing asks to keep.</summary>
    /// <remarks>
    /// Newer steps are an older generation's, which got further than what was journalled: they neither count nor go. Torn ones are
    /// left for whoever looks into what tore them. The pinned one stays, and so does its successor. A retired one is renamed before it is deleted, so that a crash leaves no torn one.
    /// </remarks>
    /// <exception cref="CheckpointException">Something could not be deleted; the new checkpoint is whole all the same.</exception>
    public void Retire(int written, string? replaced, int? pinned)
    {
        try
        {
            if (replaced is not null) disk.DeleteDirectory(replaced);
            foreach (var step in Superfluous(written, pinned))
            {
                var retired = CheckpointNames.Temporary(folder, step, owner.Generation);
                disk.MoveDirectory(folder.Checkpoint(step), retired);
                disk.DeleteDirectory(retired);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(
                folder.Checkpoints, $"step {written} is saved, but an older checkpoint could not be removed: {e.Message}", e);
        }
    }

    /// <summary>Whole, and what <see cref="CheckpointRetention"/> gives up, unless pinned, next to it or being copied elsewhere.</summary>
    private List<int> Superfluous(int written, int? pinned)
    {
        var whole = CheckpointNames.Steps(folder).Where(step => step <= written)
            .Select(step => CheckpointVerifier.Glance(folder.Checkpoint(step), step)).Where(entry => entry.IsWhole).Select(entry => entry.Manifest!).ToList();
        var successor = whole.LastOrDefault(manifest => manifest.Step > pinned)?.Step; // they come newest first
        return [.. CheckpointRetention.Superfluous(keep, whole).Where(step => step != pinned && step != successor && isInUse?.Invoke(step) != true)];
    }
}
