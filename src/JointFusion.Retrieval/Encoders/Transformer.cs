using JointFusion.Experiments;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JointFusion.Retrieval;

/// <summary>Blocks and a final norm behind one learned summary token, which comes first in every sequence and gives attention a place to rest.</summary>
/// <remarks>
/// Batches are ragged: groups of items, of one length each. What treats every position alike (norms, products, the MLP) runs once over all
/// groups' positions, end to end; only attention goes group by group.
/// <code>
///   groups   [N1, S1, W]  [N2, S2, W] ...  ->  packed [R, W], R = N1 S1 + N2 S2 + ...  ->  groups
/// </code>
/// </remarks>
public sealed class Transformer : Module<IReadOnlyList<TokenSequence>, IReadOnlyList<TokenSequence>>
{
    private readonly Parameter summary_11W;
    private readonly ModuleList<TransformerBlock> blocks;
    private readonly LayerNorm finalNorm;
    private readonly bool causal;

    /// <param name="attention">Null: bidirectional.</param>
    public Transformer(TransformerShape shape, Precision precision, AttentionKind? attention = null) : base(nameof(Transformer))
    {
        causal = attention == AttentionKind.Causal;
        summary_11W = Parameter(zeros(1, 1, shape.Width));
        blocks = ModuleList(Enumerable.Range(0, shape.Layers).Select(_ => new TransformerBlock(shape, precision)).ToArray());
        finalNorm = LayerNorm(shape.Width);
        RegisterComponents();
    }

    /// <param name="inputs">By group, S positions.</param>
    /// <returns>By group, S + 1 normed positions, the summary first.</returns>
    public override IReadOnlyList<TokenSequence> forward(IReadOnlyList<TokenSequence> inputs) => MeetAfter(0, inputs, sequences => sequences);

    /// <summary>The sequences of the first blocks are put together anew for the others.</summary>
    /// <param name="first">How many blocks.</param>
    /// <param name="inputs">See <see cref="forward"/>.</param>
    /// <param name="meet">From sequences behind their summaries to such sequences.</param>
    internal IReadOnlyList<TokenSequence> MeetAfter(
        int first, IReadOnlyList<TokenSequence> inputs, Func<IReadOnlyList<TokenSequence>, IReadOnlyList<TokenSequence>> meet)
    {
        if (inputs.Count == 0)
            return [];
        IReadOnlyList<TokenSequence> apart = [.. inputs.Select(WithSummary)];
        return Through(meet(first == 0 ? apart : Through(apart, blocks.Take(first))), blocks.Skip(first), finalNorm.call);
    }

    private IReadOnlyList<TokenSequence> Through(IReadOnlyList<TokenSequence> sequences, IEnumerable<TransformerBlock> stretch, Func<Tensor, Tensor>? last = null)
    {
        var packing = new Packing(sequences, causal);
        var tokens_RW = Packing.Join(sequences.Select(group => group.Tokens_NSW.flatten(0, 1)));
        foreach (var block in stretch)
        {
            var states_RW = tokens_RW;
            tokens_RW = LayerScope.Call(() => block.call(states_RW, packing));
        }
        return [.. packing.Part(last?.Invoke(tokens_RW) ?? tokens_RW).Zip(sequences, (rows_rW, group) => group with { Tokens_NSW = rows_rW.view(group.Tokens_NSW.shape) })];
    }

    private TokenSequence WithSummary(TokenSequence input) =>
        TokenSequence.Join(new TokenSequence(summary_11W.expand(input.Tokens_NSW.size(0), 1, -1), null), input);

    /// <summary>The mean over the positions that are present.</summary>
    public static Tensor Mean_NW(TokenSequence output)
    {
        if (output.Present_NS is null)
            return output.Tokens_NSW.mean([1]);
        var weights_NS1 = output.Present_NS.to(output.Tokens_NSW.dtype).unsqueeze(2);
        return (output.Tokens_NSW * weights_NS1).sum(1) / weights_NS1.sum(1);
    }
}
