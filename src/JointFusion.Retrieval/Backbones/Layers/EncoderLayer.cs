using JointFusion.Experiments;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Attention, then the MLP, each behind a norm and added to what came in.</summary>
internal sealed class EncoderLayer : Module<Tensor, Tensor?, Tensor>
{
    private readonly AffineNorm attentionNorm;
    private readonly EncoderAttention attention;
    private readonly AffineNorm mlpNorm;
    private readonly PlainMlp mlp;

    public EncoderLayer(EncoderShape shape, Placement placement) : base(nameof(EncoderLayer))
    {
        register_module("layer_norm1", attentionNorm = new AffineNorm(shape.Width, shape.Epsilon, placement));
        register_module("self_attn", attention = new EncoderAttention(shape, placement));
        register_module("layer_norm2", mlpNorm = new AffineNorm(shape.Width, shape.Epsilon, placement));
        register_module("mlp", mlp = new PlainMlp(shape.Width, shape.MlpWidth, shape.Activation, placement));
    }

    public override Tensor forward(Tensor tokens_NSW, Tensor? blocked)
    {
        var attended = tokens_NSW.Plus(attention.call(attentionNorm.call(tokens_NSW), blocked));
        return attended.Plus(mlp.call(mlpNorm.call(attended)));
    }
}
