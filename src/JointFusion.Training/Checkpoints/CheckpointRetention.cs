using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>Which of a run's checkpoints nothing asks to keep: one rule for its folder and for its mirror.</summary>
internal static class CheckpointRetention
{
    /// <param name="newestFirst">Manifests of the whole ones.</param>
    /// <returns>Steps that are neither among the newest, nor the best of their stage, nor at a step to keep.</returns>
    public static IEnumerable<int> Superfluous(CheckpointSpec keep, IReadOnlyList<CheckpointManifest> newestFirst)
    {
        var best = newestFirst.Where(manifest => manifest.Loss is not null)
            .GroupBy(manifest => manifest.Stage)
            .SelectMany(stage => stage.OrderBy(manifest => manifest.Loss).Take(keep.KeepBest));
        return newestFirst.Skip(keep.Keep).Except(best).Select(manifest => manifest.Step).Where(step => !(step % keep.KeepEvery == 0));
    }
}
