using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>A layer of <see cref="VisionTower"/>.</summary>
internal sealed class VisionBlock : Module<Tensor, Rotation, Packing, Tensor>
{
    /// <summary>Of every norm of the tower; no config says it.</summary>
    public const double Epsilon = 1e-6;

    private readonly AffineNorm attentionNorm;
    private readonly VisionAttention attention;
    private readonly AffineNorm mlpNorm;
    private readonly PlainMlp mlp;

    public VisionBlock(Qwen2VlVisionConfig config, Placement placement) : base(nameof(VisionBlock))
    {
        register_module("norm1", attentionNorm = new AffineNorm(config.EmbedDim, Epsilon, placement));
        register_module("attn", attention = new VisionAttention(config, placement));
        register_module("norm2", mlpNorm = new AffineNorm(config.EmbedDim, Epsilon, placement));
        register_module("mlp", mlp = new PlainMlp(config.EmbedDim, (int)(config.EmbedDim * config.MlpRatio), ActivationNames.Parse(config.HiddenAct), placement));
    }

    public override Tensor forward(Tensor tokens_RW, Rotation rotation, Packing packing)
    {
        var attended = tokens_RW.Plus(attention.call(attentionNorm.call(tokens_RW), rotation, packing));
        return attended.Plus(mlp.call(mlpNorm.call(attended)));
    }
}
