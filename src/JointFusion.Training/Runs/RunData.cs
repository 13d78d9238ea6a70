using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>The data of a run, opened: the set, and loaders.</summary>
/// <param name="Loader">Cuts items as the retriever wants them.</param>
/// <param name="Pixels">Loads pictures for the untrained baseline, which wants them square and small.</param>
public sealed record RunData(MbeirDataset Set, ItemLoader Loader, ItemLoader Pixels)
{
    /// <summary>Of the pictures of the baseline beside a backbone, which has none of one size.</summary>
    private const int BaselineSize = 32, BaselinePatch = 8;

    /// <exception cref="DataException">The folder is broken, or its data or the backbone's files are not those the run was planned on.</exception>
    public static RunData Open(RunPlan plan)
    {
        var set = OpenSet(plan);
        var decoder = new NetVipsDecoder();
        var shape = plan.Retriever.Shape;
        if (plan.Retriever.Backbone is not { } backbone)
        {
            var loader = new ItemLoader(set, set.Tokenizer, decoder, plan.Data.ImageSize, shape.PatchSize, shape.MaxTextTokens);
            return new RunData(set, loader, loader);
        }
        RequireBackbone(plan);
        return new RunData(
            set,
            BackboneItems.Open(backbone.Folder, shape.Backbone!, backbone.MaxPixels, backbone.ImageMode).Loader(set, shape.MaxTextTokens),
            new ItemLoader(set, set.Tokenizer, decoder, BaselineSize, BaselinePatch, shape.MaxTextTokens));
    }

    /// <summary>The space of the untrained baseline.</summary>
    public PixelSpace PixelSpace(RunPlan plan) => plan.Retriever.Backbone is null
        ? new(Pixels, plan.Data.ImageSize, plan.Retriever.Shape.PatchSize)
        : new(Pixels, BaselineSize, BaselinePatch);

    /// <exception cref="DataException">The published model is another than the run was planned on.</exception>
    public static void RequireBackbone(RunPlan plan)
    {
        if (plan.Retriever.Backbone is { } backbone && BackboneContent.HashOf(backbone.Folder) is var hash && hash != backbone.ContentHash)
        {
            throw new DataException(
                $"{backbone.Folder}: the model's files have changed since the run was planned (content {hash}, plan {backbone.ContentHash}). Restore them, or start a new run.");
        }
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
