using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>RMSNorm (arXiv 1910.07467), at least in float32. Gemma multiplies by 1 + weight, before it rounds to the input's type and not after.</summary>
public sealed class RootMeanSquareNorm : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly double epsilon;
    private readonly bool offset;
    private readonly ScalarType? compute;

    internal RootMeanSquareNorm(int width, double epsilon, bool offset, Placement placement) : base(nameof(RootMeanSquareNorm))
    {
        this.epsilon = epsilon;
        (this.offset, compute) = (offset, placement.Compute);
        weight = placement.Unfilled(width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        var wide = input.Widened();
        var normed = wide * (wide * wide).mean([-1], keepdim: true).Shifted(epsilon).rsqrt();
        return offset ? (normed * weight.Widened().Shifted(1)).to(input.dtype) : weight.In(compute) * normed.to(input.dtype);
    }
}
