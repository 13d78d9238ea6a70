using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Pre-norm self-attention and GELU MLP, each added to the residual stream, which stays in the parameters' type.</summary>
public sealed class TransformerBlock : Module<Tensor, Tensor?, Tensor>
{
    private readonly LayerNorm attentionNorm;
    private readonly Linear queryKeyValue;
    private readonly Linear attentionOut;
    private readonly LayerNorm mlpNorm;
    private readonly Linear up;
    private readonly Linear down;
    private readonly int heads;
    private readonly Precision precision;

    public TransformerBlock(TransformerShape shape, Precision precision) : base(nameof(TransformerBlock))
    {
        heads = shape.Heads;
        this.precision = precision;
        attentionNorm = LayerNorm(shape.Width);
        queryKeyValue = Linear(shape.Width, 3 * shape.Width);
        attentionOut = Linear(shape.Width, shape.Width);
        mlpNorm = LayerNorm(shape.Width);
        up = Linear(shape.Width, shape.MlpWidth);
        down = Linear(shape.MlpWidth, shape.Width);
        RegisterComponents();
    }

    /// <param name="tokens_NSW">Residual stream.</param>
    /// <param name="attendable_N11S">True where a key may be attended to; null if all may.</param>
    public override Tensor forward(Tensor tokens_NSW, Tensor? attendable_N11S)
    {
        var attended = tokens_NSW.Plus(Attend(attentionNorm.call(tokens_NSW), attendable_N11S));
        return attended.Plus(Expand(mlpNorm.call(attended)));
    }

    private Tensor Expand(Tensor normed_NSW) =>
        down.Call(functional.gelu(up.Call(normed_NSW.Rounded(precision), precision)), precision);

    private Tensor Attend(Tensor normed_NSW, Tensor? attendable_N11S)
    {
        var (items, length, width) = (normed_NSW.size(0), normed_NSW.size(1), normed_NSW.size(2));
        var qkv_3NHSK = queryKeyValue.Call(normed_NSW.Rounded(precision), precision).view(items, length, 3, heads, width / heads).permute(2, 0, 3, 1, 4);
        var mixed_NHSK = Attention.Mix_NHSK(qkv_3NHSK[0], qkv_3NHSK[1], qkv_3NHSK[2], attendable_N11S);
        return attentionOut.Call(mixed_NHSK.transpose(1, 2).reshape(items, length, width), precision);
    }
}
