using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Attention of some positions to others, with the three input projections in one matrix, as torch.nn.MultiheadAttention keeps them.</summary>
internal sealed class ProbeAttention : Module<Tensor, Tensor, Tensor>
{
    private const string InputWeights = "in_proj_weight", InputBiases = "in_proj_bias";

    private readonly Projection result;
    private readonly int heads;
    private readonly ScalarType? compute;

    public ProbeAttention(int width, int heads, Placement placement) : base(nameof(ProbeAttention))
    {
        (this.heads, compute) = (heads, placement.Compute);
        register_parameter(InputWeights, placement.Unfilled(3 * width, width));
        register_parameter(InputBiases, placement.Unfilled(3 * width));
        register_module("out_proj", result = new Projection(width, width, true, placement));
    }

    /// <param name="asking">[N, Q, W].</param>
    /// <param name="asked">[N, S, W].</param>
    /// <returns>[N, Q, W].</returns>
    public override Tensor forward(Tensor asking, Tensor asked)
    {
        var (weights, biases) = (this.Registered(InputWeights).In(compute).chunk(3, 0), this.Registered(InputBiases).In(compute).chunk(3, 0));
        Tensor Project(Tensor input, int part) => functional.linear(input, weights[part], biases[part]).SplitHeads(heads);
        return result.call(Attention.Mix_NSW(Project(asking, 0), Project(asked, 1), Project(asked, 2), null));
    }
}
