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
        var attended_RW = Attend(tokens_RW, packing);
        return FusedRows.Takes(attended_RW, up, precision)
            ? FeedForward.Apply(attended_RW, mlpNorm, up, down)
            : attended_RW.Plus(down.Call(functional.gelu(up.Call(mlpNorm.call(attended_RW).Rounded(precision), precision)), precision));
    }

    private Tensor Attend(Tensor tokens_RW, Packing packing)
    {
        var qkv_RZ = FusedRows.Takes(tokens_RW, queryKeyValue, precision)
            ? NormedLinear.Apply(tokens_RW, attentionNorm, queryKeyValue)
            : queryKeyValue.Call(attentionNorm.call(tokens_RW).Rounded(precision), precision);
        var mixed_RW = Attention.Mix_RW(qkv_RZ, packing, heads);
        return FusedRows.Takes(tokens_RW, precision)
            ? RowsLinear.Apply(mixed_RW, attentionOut, tokens_RW)
            : tokens_RW.Plus(attentionOut.Call(mixed_RW, precision));
    }
}
