using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Pre-norm self-attention and GELU MLP, each added to the residual stream, which stays in the parameters' type.</summary>
public sealed class TransformerBlock : Module<Tensor, Packing, Tensor>
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

    /// <param name="tokens_RW">Residual stream.</param>
    /// <param name="packing">Which rows are whose.</param>
    public override Tensor forward(Tensor tokens_RW, Packing packing)
    {
        var attended = tokens_RW.Plus(Attend(attentionNorm.call(tokens_RW), packing));
        return attended.Plus(Expand(mlpNorm.call(attended)));
    }

    private Tensor Expand(Tensor normed_RW) =>
        down.Call(functional.gelu(up.Call(normed_RW.Rounded(precision), precision)), precision);

    private Tensor Attend(Tensor normed_RW, Packing packing)
    {
        var qkv_RZ = queryKeyValue.Call(normed_RW.Rounded(precision), precision);
        return attentionOut.Call(Attention.Mix_RW(qkv_RZ, packing, heads), precision);
    }
}
