using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Keeps a run's checkpoint folder tidy: claims it for a generation, removes what dead ones left, retires old checkpoints.</summary>
internal sealed class CheckpointJanitor(RunFolder folder, CheckpointOwner owner, int keep, IDisk disk)
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
                disk.DeleteDirectory(leftover.Path);
        }
        disk.SyncDirectory(folder.Checkpoints);
    }

    /// <summary>Deletes all but the newest whole checkpoints up to the one just written, and the pinned one.</summary>
    /// <remarks>
    /// Newer steps are an older generation's, which got further than what was journalled: they neither count nor go. Torn ones are
    /// left for whoever looks into what tore them.
    /// </remarks>
    public void Retire(int written, int? pinned)
    {
        var whole = CheckpointNames.Steps(folder).Where(step => step <= written && CheckpointVerifier.Glance(folder, step).IsWhole);
        foreach (var step in whole.Skip(keep).Where(step => step != pinned).ToArray()) disk.DeleteDirectory(folder.Checkpoint(step));
    }
}
