using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Attention, then the gated MLP, each behind a norm and added to what came in.</summary>
internal sealed class DecoderLayer : Module<Tensor, Rotation, Packing, Tensor>
{
    private readonly RootMeanSquareNorm attentionNorm;
    private readonly DecoderAttention attention;
    private readonly RootMeanSquareNorm mlpNorm;
    private readonly GatedMlp mlp;

    public DecoderLayer(DecoderShape shape, Placement placement) : base(nameof(DecoderLayer))
    {
        register_module("input_layernorm", attentionNorm = new RootMeanSquareNorm(shape.Width, shape.Epsilon, shape.OffsetNorms, placement));
        register_module("self_attn", attention = new DecoderAttention(shape, placement));
        register_module("post_attention_layernorm", mlpNorm = new RootMeanSquareNorm(shape.Width, shape.Epsilon, shape.OffsetNorms, placement));
        register_module("mlp", mlp = new GatedMlp(shape, placement));
    }

    public override Tensor forward(Tensor tokens_RW, Rotation rotation, Packing packing)
    {
        var attended = tokens_RW.Plus(attention.call(attentionNorm.call(tokens_RW), rotation, packing));
        return attended.Plus(mlp.call(mlpNorm.call(attended)));
    }
}
