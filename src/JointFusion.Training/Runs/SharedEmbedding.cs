using JointFusion.Data;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>Items embedded by all ranks together, each its share.</summary>
internal static class SharedEmbedding
{
    /// <returns>[items, Width], in their order; the same on every rank.</returns>
    public static Tensor Of(IProcessGroup group, IEmbeddingSpace space, ItemRef[] items)
    {
        var counts = Share.Counts(items.Length, group.WorldSize);
        var (first, count) = Share.Of(group.Rank, group.WorldSize, items.Length);
        return group.AllGather(space.Embed(items[first..(first + count)]), counts);
    }
}
