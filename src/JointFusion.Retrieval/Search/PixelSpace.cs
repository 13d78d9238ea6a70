using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>The untrained baseline: pictures compared by the cosine of their mean-centred pixels, averaged over cells of a grid.</summary>
/// <param name="loader">Of the run: its pictures are square and all of one size.</param>
/// <param name="imageSize">Pixels a side.</param>
/// <param name="patchSize">Pixels a side.</param>
public sealed class PixelSpace(ItemLoader loader, int imageSize, int patchSize) : IEmbeddingSpace
{
    /// <summary>Cells a side; fewer only where there are fewer pixels, more only where there are more patches.</summary>
    private const int Grid = 16;
    private const int Channels = 3;
    private const int ItemsPerBlock = 1024;

    private readonly int patches = imageSize / patchSize * (imageSize / patchSize);
    private readonly int cells = CellsOfPatch(imageSize / patchSize, patchSize);

    public int Width => patches * Channels * cells * cells;

    public bool Holds(ItemRef item) => item.ImagePath is not null;

    public Tensor Embed(IReadOnlyList<ItemRef> items)
    {
        var pixels_NX = zeros(items.Count, Width);
        for (var first = 0; first < items.Count; first += ItemsPerBlock)
        {
            using var scope = NewDisposeScope();
            var block = items.Skip(first).Take(ItemsPerBlock).Select(item => item with { Text = null }).ToArray();
            var means_BX = CellMeans_BX(loader.Load(block));
            pixels_NX.narrow(0, first, block.Length).copy_(nn.functional.normalize(means_BX - means_BX.mean([1], keepdim: true), p: 2, dim: 1));
        }
        return pixels_NX;
    }

    /// <summary>In the order of patches, which the cosine does not mind.</summary>
    private Tensor CellMeans_BX(ItemBatch items)
    {
        var side = patchSize / cells;
        using var bytes = frombuffer(items.Patches, ScalarType.Byte).view(-1, cells, side, cells, side);
        return bytes.to(ScalarType.Float32).mean([2, 4]).view(items.Count, Width);
    }

    /// <summary>A side: the most that divide a patch and keep to the grid.</summary>
    private static int CellsOfPatch(int patchesASide, int patchSize) =>
        Enumerable.Range(1, patchSize).Last(cells => patchSize % cells == 0 && (cells == 1 || cells * patchesASide <= Grid));
}
