using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>Which weights of a state a checkpoint holds, and the way back: what is trained, and adapters that were merged. What no stage has trained so far is the folder's of the published model.</summary>
internal static class StateWeights
{
    public static IReadOnlyList<NamedTensor> Of(TrainingState state) =>
    [
        .. state.Model.Tensors.Where(tensor => !state.Untrained.Include(tensor)),
        .. state.Merged.SelectMany(merged => merged.Saved),
    ];

    /// <summary>Puts a new state's weights where they were; the merges before it are made again, to the same bits.</summary>
    /// <param name="state">As it was made: what the checkpoint leaves to the published model's folder is in it.</param>
    /// <param name="left">Of the checkpoint's manifest.</param>
    /// <param name="beforeMerge">Called with each stage that begins with a merge, before it is made.</param>
    /// <exception cref="CheckpointException">The checkpoint leaves weights to another model than the plan's, or lacks some.</exception>
    public static void Restore(TrainingState state, RunPlan plan, SafetensorsReader saved, FolderWeights? left, Action<StagePlan>? beforeMerge = null)
    {
        using var _ = no_grad();
        UntrainedWeights.RequireSameModel(saved.Path, left, plan);
        foreach (var stage in plan.Stages.Where(stage => stage.MergesFirst && IsMerged(saved, stage)))
        {
            foreach (var adapter in state.Adapters)
                saved.ReadInto(MergedAdapters.NameOf(stage, adapter.Name), adapter.Tensor);
            beforeMerge?.Invoke(stage);
            state.StartStage(stage);
        }
        var held = saved.Tensors.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var missing = state.Model.Tensors.Count(tensor => !held.Contains(tensor.Name));
        foreach (var parameter in state.Model.Tensors.Where(tensor => missing != left?.Tensors || held.Contains(tensor.Name)))
            saved.ReadInto(parameter.Name, parameter.Tensor); // names what is missing, where that is not what was left out
        state.Untrained.Remove(held);
    }

    private static bool IsMerged(SafetensorsReader saved, StagePlan stage) =>
        saved.Tensors.Any(tensor => tensor.Name.StartsWith(MergedAdapters.Prefix(stage), StringComparison.Ordinal));
}
