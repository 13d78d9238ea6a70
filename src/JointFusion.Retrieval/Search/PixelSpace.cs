using JointFusion.Data;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>The untrained baseline: pictures compared by the cosine of their mean-centred pixels.</summary>
/// <param name="loader">Yields one patch a picture, of <paramref name="side"/> pixels a side.</param>
public sealed class PixelSpace(ItemLoader loader, int side) : IEmbeddingSpace
{
    private const int ItemsPerBlock = 1024;

    public int Width => 3 * side * side;

    public bool Holds(ItemRef item) => item.ImagePath is not null;

    public Tensor Embed(IReadOnlyList<ItemRef> items)
    {
        var pixels_NX = zeros(items.Count, Width);
        for (var first = 0; first < items.Count; first += ItemsPerBlock)
        {
            using var scope = NewDisposeScope();
            var block = items.Skip(first).Take(ItemsPerBlock).Select(item => item with { Text = null }).ToArray();
            using var bytes = frombuffer(loader.Load(block).Patches, ScalarType.Byte).view(block.Length, Width);
            var centred = bytes.to(ScalarType.Float32);
            centred.sub_(centred.mean([1], keepdim: true));
            pixels_NX.narrow(0, first, block.Length).copy_(nn.functional.normalize(centred, p: 2, dim: 1));
        }
        return pixels_NX;
    }
}
