using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>A picture's patches, each with its place.</summary>
internal sealed class SiglipPatches : Module<Tensor, Tensor>
{
    private readonly PatchConvolution patches;
    private readonly TokenTable places;
    private readonly int count;

    public SiglipPatches(SiglipVisionConfig config, Placement placement) : base(nameof(SiglipPatches))
    {
        count = config.Patches;
        register_module("patch_embedding", patches = new PatchConvolution(config.NumChannels, config.PatchSize, config.HiddenSize, true, placement));
        register_module("position_embedding", places = new TokenTable(count, config.HiddenSize, placement));
    }

    /// <returns>[N, P, W].</returns>
    /// <exception cref="ArgumentException">The pictures are of another size.</exception>
    public override Tensor forward(Tensor pixels)
    {
        var patches_NPW = patches.call(pixels);
        return patches_NPW.size(1) == count
            ? patches_NPW.Plus(places.First(count))
            : throw new ArgumentException($"A picture of {patches_NPW.size(1)} patches; the tower has places for {count}.");
    }
}
