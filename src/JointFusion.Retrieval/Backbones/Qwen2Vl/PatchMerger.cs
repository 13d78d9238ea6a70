using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Neighbouring patches, normed, side by side, through an MLP: one position of the decoder.</summary>
internal sealed class PatchMerger : Module<Tensor, Tensor>
{
    private readonly AffineNorm norm;
    private readonly Mlp mlp;
    private readonly int joined;

    public PatchMerger(Qwen2VlVisionConfig config, Placement placement) : base(nameof(PatchMerger))
    {
        joined = config.EmbedDim * config.SpatialMergeSize * config.SpatialMergeSize;
        register_module("ln_q", norm = new AffineNorm(config.EmbedDim, VisionBlock.Epsilon, placement));
        register_module("mlp", mlp = new Mlp(joined, config.HiddenSize, placement));
    }

    public override Tensor forward(Tensor tokens_RW) => mlp.call(norm.call(tokens_RW).view(-1, joined));

    private sealed class Mlp : Module<Tensor, Tensor>
    {
        private readonly Projection first;
        private readonly Projection second;

        public Mlp(int joined, int width, Placement placement) : base(nameof(Mlp))
        {
            register_module("0", first = new Projection(joined, joined, true, placement));
            register_module("2", second = new Projection(joined, width, true, placement));
        }

        public override Tensor forward(Tensor input) => second.call(Activation.Gelu.Apply(first.call(input)));
    }
}
