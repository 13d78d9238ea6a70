using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>One embedding of a picture: a learned probe attends to its patches, then an MLP.</summary>
internal sealed class SiglipHead : Module<Tensor, Tensor>
{
    private const string Probe = "probe";

    private readonly ProbeAttention attention;
    private readonly AffineNorm norm;
    private readonly PlainMlp mlp;
    private readonly ScalarType? compute;

    public SiglipHead(SiglipVisionConfig config, Placement placement) : base(nameof(SiglipHead))
    {
        compute = placement.Compute;
        register_parameter(Probe, placement.Unfilled(1, 1, config.HiddenSize));
        register_module("attention", attention = new ProbeAttention(config.HiddenSize, config.NumAttentionHeads, placement));
        register_module("layernorm", norm = new AffineNorm(config.HiddenSize, config.LayerNormEps, placement));
        register_module("mlp", mlp = new PlainMlp(config.HiddenSize, config.IntermediateSize, config.Shape.Activation, placement));
    }

    /// <returns>[N, W].</returns>
    public override Tensor forward(Tensor patches_NPW)
    {
        // Contiguous: how libtorch multiplies a stretched tensor depends on whether it needs a gradient, and so do its last bits.
        var probe_N1W = this.Registered(Probe).In(compute).expand(patches_NPW.size(0), 1, -1).contiguous();
        var attended_NW = attention.call(probe_N1W, patches_NPW).squeeze(1);
        return attended_NW.Plus(mlp.call(norm.call(attended_NW)));
    }
}
