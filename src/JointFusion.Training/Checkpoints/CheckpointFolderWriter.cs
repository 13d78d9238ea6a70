using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>Puts one checkpoint on disk so that a crash at any point leaves whole ones whole.</summary>
/// <remarks>
/// What a crash after each step leaves behind, beside the older checkpoints, which are not touched:
///   1 make .tmp-step-N-...                 a leftover
///   2 write and sync both tensor files     a leftover without a manifest
///   3 write and sync the manifest          a leftover with a manifest
///   4 sync the leftover's names            the same, durably
///   5 rename an existing step-N to .old-   no step-N; the next start renames .old- back: it is as whole as it was
///   6 rename .tmp- to step-N               step-N is the new one, whole; .old- is a leftover
///   7 sync the folder's names              the same, durably
///   8 delete .old-                         done
/// A step-N that exists comes from an older generation which wrote it, but died before it was journalled (else the run would have
/// gone on from it): between 5 and 6 nobody is waiting to read it. Leftovers are removed by the next start, and never read.
/// </remarks>
internal sealed class CheckpointFolderWriter(RunFolder folder, CheckpointOwner owner, IDisk disk)
{
    /// <summary>A newer generation owns the folder: this one is a stale attempt, and its files would be in the way.</summary>
    /// <exception cref="CheckpointException">There is such a claim.</exception>
    public void ThrowIfSuperseded()
    {
        var newest = CheckpointNames.Claims(folder).DefaultIfEmpty().Max();
        if (newest > owner.Generation)
            throw new CheckpointException(folder.Checkpoints, $"belongs to generation {newest} of the run by now; this is generation {owner.Generation}.");
    }

    /// <summary>Steps 1 to 7; afterwards the checkpoint is whole and durable.</summary>
    /// <returns>Its manifest, and the folder it replaced, for <see cref="IDisk.DeleteDirectory"/>.</returns>
    public (CheckpointManifest Manifest, string? Replaced) Write(CheckpointState state, TensorImage[] weights, TensorImage[] optimizer)
    {
        ThrowIfSuperseded();
        var temporary = CheckpointNames.Temporary(folder, state.Step, owner.Generation);
        try
        {
            disk.CreateDirectory(temporary);
            var manifest = Manifest(state, [
                disk.WriteHashed(Path.Combine(temporary, CheckpointNames.Weights), stream => SafetensorsWriter.Write(stream, weights)),
                disk.WriteHashed(Path.Combine(temporary, CheckpointNames.Optimizer), stream => SafetensorsWriter.Write(stream, optimizer)),
            ]);
            disk.WriteFile(Path.Combine(temporary, CheckpointNames.Manifest), stream => JsonSerializer.Serialize(stream, manifest, JointFusionJson.File));
            disk.SyncDirectory(temporary);
            ThrowIfSuperseded();
            var replaced = Publish(temporary, state.Step);
            disk.SyncDirectory(folder.Checkpoints);
            return (manifest, replaced);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CheckpointException)
        {
            disk.TryDelete(temporary); // gives a full disk its space back at once; where even that fails, the next start does it
            throw;
        }
    }

    private string? Publish(string temporary, int step)
    {
        var target = folder.Checkpoint(step);
        if (!Directory.Exists(target))
        {
            disk.MoveDirectory(temporary, target);
            return null;
        }
        var replaced = CheckpointNames.Replaced(folder, step, owner.Generation);
        disk.MoveDirectory(target, replaced);
        try
        {
            disk.MoveDirectory(temporary, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            disk.MoveDirectory(replaced, target);
            throw;
        }
        return replaced;
    }

    private CheckpointManifest Manifest(CheckpointState state, CheckpointFile[] files) => new()
    {
        Run = owner.Run,
        ScienceHash = owner.ScienceHash,
        PlanHash = owner.PlanHash,
        Generation = owner.Generation,
        Step = state.Step,
        Stage = state.Stage,
        Ledger = state.Ledger,
        Loss = state.Loss,
        Merges = state.Merges,
        FromFolder = state.FromFolder,
        WorldSize = owner.WorldSize,
        Processors = owner.Processors,
        Files = [.. files],
    };
}
