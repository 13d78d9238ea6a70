using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>A class token, then a picture's patches, each with its place.</summary>
internal sealed class ClipPatches : Module<Tensor, Tensor>
{
    private const string ClassToken = "class_embedding";

    private readonly PatchConvolution patches;
    private readonly TokenTable places;
    private readonly int count;
    private readonly ScalarType? compute;

    public ClipPatches(ClipVisionConfig config, Placement placement) : base(nameof(ClipPatches))
    {
        var side = config.ImageSize / config.PatchSize;
        (count, compute) = (side * side, placement.Compute);
        register_parameter(ClassToken, placement.Unfilled(config.HiddenSize));
        register_module("patch_embedding", patches = new PatchConvolution(config.NumChannels, config.PatchSize, config.HiddenSize, false, placement));
        register_module("position_embedding", places = new TokenTable(count + 1, config.HiddenSize, placement));
    }

    /// <returns>[N, P + 1, W].</returns>
    /// <exception cref="ArgumentException">The pictures are of another size.</exception>
    public override Tensor forward(Tensor pixels)
    {
        var patches_NPW = patches.call(pixels);
        if (patches_NPW.size(1) != count)
            throw new ArgumentException($"A picture of {patches_NPW.size(1)} patches; the tower has places for {count}.");
        var class_N1W = this.Registered(ClassToken).In(compute).expand(patches_NPW.size(0), 1, -1);
        return cat([class_N1W, patches_NPW], 1).Plus(places.First(count + 1));
    }
}
