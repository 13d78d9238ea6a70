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

    /// <param name="present_NS">0 or false where padded; null: nothing is.</param>
    /// <param name="patches_NPX">A picture for each sequence, normalised, patches row by row; null: none.</param>
    /// <param name="columns">Patches in a row.</param>
    /// <param name="causal">Whether a token sees only those before it.</param>
    /// <returns>[N, S, W], normed.</returns>
    internal abstract Tensor Encode_NSW(Tensor ids_NS, Tensor? present_NS, Tensor? patches_NPX, int columns, bool causal);
}
