using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>LayerNorm (arXiv 1607.06450).</summary>
public sealed class AffineNorm : Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly double epsilon;
    private readonly ScalarType? compute;

    internal AffineNorm(int width, double epsilon, Placement placement) : base(nameof(AffineNorm))
    {
        (this.epsilon, compute) = (epsilon, placement.Compute);
        weight = placement.Unfilled(width);
        bias = placement.Unfilled(width);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => functional.layer_norm(input, [weight.size(0)], weight.In(compute), bias.In(compute), epsilon);
}
