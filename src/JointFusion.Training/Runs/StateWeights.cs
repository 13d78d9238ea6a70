using JointFusion.Experiments;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>Which weights of a state a checkpoint holds, and the way back: what is trained, and adapters that were merged. Frozen weights are their folder's.</summary>
internal static class StateWeights
{
    public static IReadOnlyList<NamedTensor> Of(TrainingState state) =>
    [
        .. state.Model.Tensors,
        .. state.Merged.SelectMany(merged => merged.Saved),
    ];

    /// <summary>Puts a new state's weights where they were; the merges before it are made again, to the same bits.</summary>
    /// <param name="beforeMerge">Called with each stage that begins with a merge, before it is made.</param>
    public static void Restore(TrainingState state, RunPlan plan, SafetensorsReader saved, Action<StagePlan>? beforeMerge = null)
    {
        using var _ = no_grad();
        foreach (var stage in plan.Stages.Where(stage => stage.MergesFirst && IsMerged(saved, stage)))
        {
            foreach (var adapter in state.Adapters)
                saved.ReadInto(MergedAdapters.NameOf(stage, adapter.Name), adapter.Tensor);
            beforeMerge?.Invoke(stage);
            state.StartStage(stage);
        }
        foreach (var parameter in state.Model.Tensors)
            saved.ReadInto(parameter.Name, parameter.Tensor);
    }

    private static bool IsMerged(SafetensorsReader saved, StagePlan stage) =>
        saved.Tensors.Any(tensor => tensor.Name.StartsWith(MergedAdapters.Prefix(stage), StringComparison.Ordinal));
}
