using System.Collections.Immutable;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>The data of the last run: the next one, if it wants the same, finds its pictures decoded.</summary>
public sealed class RunDataCache
{
    private (DataPlan Data, int PatchSize, int MaxTextTokens, string? Backbone, int? MaxPixels, ImageMode? ImageMode) heldFor;
    private RunData? held;

    /// <exception cref="DataException">The folder is broken, or its data are not those the run was planned on.</exception>
    public RunData Open(RunPlan plan)
    {
        var wanted = (plan.Data with { TrainQueries = ImmutableSortedDictionary<int, int>.Empty }, plan.Retriever.Shape.PatchSize, plan.Retriever.Shape.MaxTextTokens, plan.Retriever.Backbone?.ContentHash, plan.Retriever.Backbone?.MaxPixels, plan.Retriever.Backbone?.ImageMode);
        if (held is null || heldFor != wanted)
            (held, heldFor) = (RunData.Open(plan), wanted);
        return held;
    }
}
