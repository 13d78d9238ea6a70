using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Blocks and a final norm behind one learned summary token, which comes first in every sequence.</summary>
public sealed class Transformer : Module<TokenSequence, TokenSequence>
{
    private readonly Parameter summary_11W;
    private readonly ModuleList<TransformerBlock> blocks;
    private readonly LayerNorm finalNorm;

    public Transformer(TransformerShape shape) : base(nameof(Transformer))
    {
        summary_11W = Parameter(zeros(1, 1, shape.Width));
        blocks = ModuleList(Enumerable.Range(0, shape.Layers).Select(_ => new TransformerBlock(shape)).ToArray());
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

    /// <summary>The summary's position of a forward's result.</summary>
    public static Tensor Summary_NW(TokenSequence output) => output.Tokens_NSW.select(1, 0);
}
