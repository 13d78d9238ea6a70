using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>The space of a retriever; embeds each distinct item once, without gradient, in blocks sorted so that items of one modality sit together.</summary>
public sealed class TrainedSpace(Retriever retriever, ItemLoader loader, int width) : IEmbeddingSpace
{
    private const int ItemsPerBlock = 256;

    public int Width => width;

    public bool Holds(ItemRef item) => true;

    public Tensor Embed(IReadOnlyList<ItemRef> items)
    {
        using var outer = NewDisposeScope();
        using var _ = no_grad();
        var distinct = items.Distinct().OrderBy(item => item.ImagePath is null).ThenBy(item => item.Text?.Length ?? 0).ToArray();
        var embeddings_DE = zeros(distinct.Length, width, retriever.LogTemperature.dtype, retriever.LogTemperature.device);
        for (var first = 0; first < distinct.Length; first += ItemsPerBlock)
        {
            using var scope = NewDisposeScope();
            var block = distinct.AsSpan(first, Math.Min(ItemsPerBlock, distinct.Length - first)).ToArray();
            embeddings_DE.narrow(0, first, block.Length).copy_(retriever.call(loader.Load(block)));
        }
        var rowOf = distinct.Index().ToDictionary(row => row.Item, row => (long)row.Index);
        var rows_N = tensor(items.Select(item => rowOf[item]).ToArray(), device: embeddings_DE.device);
        return embeddings_DE.index_select(0, rows_N).MoveToOuterDisposeScope();
    }
}
