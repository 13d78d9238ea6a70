using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Which state of a sequence is its embedding.</summary>
public abstract record SequencePooling
{
    private SequencePooling()
    {
    }

    internal abstract Tensor Pool_NW(Tensor states_NSW, PaddedTokens tokens);

    /// <summary>That of the last token.</summary>
    public sealed record LastToken : SequencePooling
    {
        internal override Tensor Pool_NW(Tensor states_NSW, PaddedTokens tokens) => Pooling.Last_NW(states_NSW, tokens.Present_NS);
    }

    /// <summary>That at the first token of this id, which the prompt brings.</summary>
    public sealed record SpecialToken(long Id) : SequencePooling
    {
        internal override Tensor Pool_NW(Tensor states_NSW, PaddedTokens tokens) => Pooling.FirstWhere_NW(states_NSW, tokens.Ids_NS.EqualTo(Id));
    }

    /// <summary>The mean of all tokens' states.</summary>
    public sealed record Mean : SequencePooling
    {
        internal override Tensor Pool_NW(Tensor states_NSW, PaddedTokens tokens) => Pooling.Mean_NW(states_NSW, tokens.Present_NS);
    }
}
