using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>The data of a run, opened: the set, and a loader that cuts items as the retriever wants them.</summary>
public sealed record RunData(MbeirDataset Set, ItemLoader Loader)
{
    /// <exception cref="DataException">The folder is broken, or its data are not those the run was planned on.</exception>
    public static RunData Open(RunPlan plan)
    {
        var set = OpenSet(plan);
        var decoder = new NetVipsDecoder();
        var shape = plan.Retriever.Shape;
        return new RunData(
            set,
            new ItemLoader(set, set.Tokenizer, decoder, plan.Data.ImageSize, shape.PatchSize, shape.MaxTextTokens));
    }

    /// <summary>The set alone.</summary>
    /// <inheritdoc cref="Open"/>
    public static MbeirDataset OpenSet(RunPlan plan)
    {
        var set = MbeirDataset.Open(plan.Data.Root);
        if (set.ManifestHash != plan.Data.ManifestHash)
        {
            throw new DataException(
                $"{plan.Data.Root}: the data have changed since the run was planned (manifest {set.ManifestHash}, plan {plan.Data.ManifestHash}). "
                + "Restore them, or start a new run.");
        }
        return set;
    }
}
