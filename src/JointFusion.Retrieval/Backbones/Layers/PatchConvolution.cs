using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Square patches that do not overlap, each projected to a position of a tower.</summary>
internal sealed class PatchConvolution : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;
    private readonly int patchSize;
    private readonly ScalarType? compute;

    public PatchConvolution(int channels, int patchSize, int width, bool hasBias, Placement placement) : base(nameof(PatchConvolution))
    {
        (this.patchSize, compute) = (patchSize, placement.Compute);
        weight = placement.Unfilled(width, channels, patchSize, patchSize);
        bias = hasBias ? placement.Unfilled(width) : null;
        RegisterComponents();
    }

    /// <param name="pixels">[N, C, height, width].</param>
    /// <returns>[N, P, W], row by row over the picture.</returns>
    public override Tensor forward(Tensor pixels)
    {
        var kernel = weight.In(compute);
        var map_NWP = functional.conv2d(pixels.to(kernel.dtype), kernel, bias?.In(compute), strides: [patchSize, patchSize]).flatten(2);
        // Else the residual stream keeps these strides through every layer, and sums depend in their last bits on who has copied it on the way.
        return map_NWP.transpose(1, 2).contiguous();
    }
}
