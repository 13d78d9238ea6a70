using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>A language model that takes pictures among its tokens, or none at all.</summary>
public abstract class SequenceBackbone : Backbone
{
    private protected SequenceBackbone(string name) : base(name)
    {
    }

    /// <summary>W, of the states.</summary>
    public abstract int Width { get; }

    /// <summary>What stands in a sequence for a picture.</summary>
    /// <param name="patches">That it was cut into.</param>
    /// <exception cref="ArgumentException">The model takes no pictures, or none of so many patches.</exception>
    internal abstract long[] ImageTokens(int patches);

    /// <summary>All sequences in one pass, and before it all pictures in one.</summary>
    /// <param name="pictures">By size; a sequence has the image tokens of its own, if it has one.</param>
    /// <param name="causal">Whether a token sees only those before it.</param>
    /// <returns>[R, W], normed, in the rows of the sequences.</returns>
    internal abstract Tensor Encode_RW(PackedSequences sequences, IReadOnlyList<Pictures> pictures, bool causal);
}
