using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Blocks and a final norm behind one learned summary token, which comes first in every sequence and gives attention a place to rest.</summary>
public sealed class Transformer : Module<TokenSequence, TokenSequence>
{
    private readonly Parameter summary_11W;
    private readonly ModuleList<TransformerBlock> blocks;
    private readonly LayerNorm finalNorm;

    public Transformer(TransformerShape shape, Precision precision) : base(nameof(Transformer))
    {
        summary_11W = Parameter(zeros(1, 1, shape.Width));
        blocks = ModuleList(Enumerable.Range(0, shape.Layers).Select(_ => new TransformerBlock(shape, precision)).ToArray());
        finalNorm = LayerNorm(shape.Width);
        RegisterComponents();
    }

    /// <param name="input">S positions.</param>
    /// <returns>S + 1 normed positions, the summary first.</returns>
    public override TokenSequence forward(TokenSequence input)
    {
        var summary = new TokenSequence(summary_11W.expand(input.Tokens_NSW.size(0), 1, -1), null);
        var whole = TokenSequence.Join(summary, input);
        var attendable_N11S = whole.Present_NS?.unsqueeze(1).unsqueeze(1);
        var tokens_NSW = whole.Tokens_NSW;
        foreach (var block in blocks)
            tokens_NSW = block.call(tokens_NSW, attendable_N11S);
        return new TokenSequence(finalNorm.call(tokens_NSW), whole.Present_NS);
    }

    /// <summary>The mean over the positions that are present.</summary>
    public static Tensor Mean_NW(TokenSequence output)
    {
        if (output.Present_NS is null)
            return output.Tokens_NSW.mean([1]);
        var weights_NS1 = output.Present_NS.to(output.Tokens_NSW.dtype).unsqueeze(2);
        return (output.Tokens_NSW * weights_NS1).sum(1) / weights_NS1.sum(1);
    }
}
