using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>The space of a retriever; embeds each distinct item once, without gradient, in blocks sorted so that items of one modality sit together.</summary>
/// <param name="positionsAtOnce">Patches and tokens of the items that are encoded at once; one item is, however many it has.</param>
public sealed class TrainedSpace(Retriever retriever, ItemLoader loader, int width, int positionsAtOnce = TrainedSpace.PositionsAtOnce) : IEmbeddingSpace
{
    private const int ItemsPerBlock = 256;

    /// <summary>64 pictures of 1,024 patches, of which one layer of Qwen2-VL's vision tower needs 5 GB.</summary>
    private const int PositionsAtOnce = 65_536;

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
            Encode(loader.Load(block), embeddings_DE.narrow(0, first, block.Length));
        }
        var rowOf = distinct.Index().ToDictionary(row => row.Item, row => (long)row.Index);
        var rows_N = tensor(items.Select(item => rowOf[item]).ToArray(), device: embeddings_DE.device);
        return embeddings_DE.index_select(0, rows_N).MoveToOuterDisposeScope();
    }

    private void Encode(ItemBatch block, Tensor embeddings_NE)
    {
        for (int first = 0, count; first < block.Count; first += count)
        {
            count = 0;
            for (var positions = 0L; first + count < block.Count && (count == 0 || positions + PositionsOf(first + count) <= positionsAtOnce); count++)
                positions += PositionsOf(first + count);
            using var scope = NewDisposeScope();
            embeddings_NE.narrow(0, first, count).copy_(retriever.call(count == block.Count ? block : block.Slice(first, count)));
        }

        int PositionsOf(int item) => block.PatchCount(item) + block.TextLength(item);
    }
}
