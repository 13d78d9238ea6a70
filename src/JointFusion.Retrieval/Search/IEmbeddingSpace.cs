using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>A way to turn items into vectors whose inner product ranks them: a trained retriever, or raw pixels.</summary>
public interface IEmbeddingSpace
{
    int Width { get; }

    /// <summary>Whether this space has a place for the item; others are in no pool of it.</summary>
    bool Holds(ItemRef item);

    /// <param name="items">All held.</param>
    /// <returns>[items, Width], L2-normalised, owned by the caller's scope.</returns>
    Tensor Embed(IReadOnlyList<ItemRef> items);
}
