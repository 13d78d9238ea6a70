using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Retrieval;

namespace JointFusion.Training;

/// <summary>The published model's own weights that rules have kept frozen since the run began: still those of its folder, to the bit, so that no checkpoint needs them.</summary>
/// <remarks>Whatever is trained, or comes from a checkpoint, is none of them any more, and stays in every checkpoint from then on.</remarks>
public sealed class UntrainedWeights
{
    private readonly HashSet<string> names;

    /// <param name="retriever">As it was loaded.</param>
    /// <param name="model">Of its first stage; adapters in it are not the folder's.</param>
    internal UntrainedWeights(Retriever retriever, ModelParameters model, bool hasAdapters)
    {
        var published = hasAdapters ? [] : retriever.Backbone?.parameters().Select(parameter => parameter.Handle).ToHashSet() ?? [];
        names = [.. model.Tensors.Where(tensor => published.Contains(tensor.Tensor.Handle)).Select(tensor => tensor.Name)];
    }

    public bool Include(NamedTensor tensor) => names.Contains(tensor.Name);

    /// <summary>For a manifest: null where there are none.</summary>
    internal FolderWeights? Among(IEnumerable<NamedTensor> tensors, RunPlan plan)
    {
        NamedTensor[] left = [.. tensors.Where(Include)];
        return left.Length == 0 ? null : new FolderWeights(plan.Retriever.Backbone!.ContentHash, left.Length, left.Sum(tensor => tensor.Tensor.numel() * tensor.Tensor.element_size()));
    }

    internal void Remove(IEnumerable<string> trained) => names.ExceptWith(trained);

    /// <summary>A merge changes weights that are frozen.</summary>
    internal void Clear() => names.Clear();

    /// <exception cref="CheckpointException">The checkpoint leaves weights to another model than the plan's.</exception>
    internal static void RequireSameModel(string checkpoint, FolderWeights? left, RunPlan plan)
    {
        if (left is not null && left.ContentHash != plan.Retriever.Backbone?.ContentHash)
        {
            throw new CheckpointException(checkpoint,
                $"leaves {left.Tensors} frozen weights to the folder of a model of content {left.ContentHash}, the plan's is {plan.Retriever.Backbone?.ContentHash ?? "none"}: "
                + "name the model it was trained over as retriever.backbone, or start a new run.");
        }
    }

    /// <summary>Why a checkpoint of this plan cannot be completed from the model's folder; null if it can.</summary>
    public static CheckpointException? FaultOf(FolderWeights left, RunPlan plan)
    {
        var folder = plan.Retriever.Backbone?.Folder ?? "";
        try
        {
            return BackboneContent.HashOf(folder) is var hash && hash == left.ContentHash
                ? null
                : new CheckpointException(folder, $"holds {left.Tensors} weights that the checkpoint leaves to it, but its files have changed since (content {hash}, the checkpoint's {left.ContentHash}). Restore them.");
        }
        catch (DataException gone)
        {
            return new CheckpointException(folder, $"should hold {left.Tensors} weights that the checkpoint leaves to it. Bring it back: {gone.Message}", gone);
        }
    }
}
