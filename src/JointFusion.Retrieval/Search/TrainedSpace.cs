using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>The space of a retriever; embeds without gradient, in blocks sorted so that items of one modality sit together.</summary>
public sealed class TrainedSpace(Retriever retriever, ItemLoader loader, int width) : IEmbeddingSpace
{
    private const int ItemsPerBlock = 256;

    public int Width => width;

    public bool Holds(ItemRef item) => true;

    public Tensor Embed(IReadOnlyList<ItemRef> items)
    {
        var embeddings_NE = zeros(items.Count, width, retriever.LogTemperature.dtype, retriever.LogTemperature.device);
        var order = Enumerable.Range(0, items.Count)
            .OrderBy(i => items[i].ImagePath is null)
            .ThenBy(i => items[i].Text?.Length ?? 0);
        foreach (var block in order.Chunk(ItemsPerBlock))
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var block_NE = retriever.call(loader.Load([.. block.Select(i => items[i])]));
            var rows = tensor(block.Select(i => (long)i).ToArray(), device: embeddings_NE.device);
            embeddings_NE.index_copy_(0, rows, block_NE);
        }
        return embeddings_NE;
    }
}
