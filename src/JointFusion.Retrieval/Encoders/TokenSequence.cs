using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>Padded sequences on their way through a tower: N items, S positions, W wide.</summary>
/// <param name="Tokens_NSW">The residual stream.</param>
/// <param name="Present_NS">False where padded; null if nothing is.</param>
public sealed record TokenSequence(Tensor Tokens_NSW, Tensor? Present_NS)
{
    /// <summary>So many positions of each from the first on; without a number, all that follow.</summary>
    public TokenSequence Part(long first, long? count = null)
    {
        var taken = count ?? (Tokens_NSW.size(1) - first);
        return new TokenSequence(Tokens_NSW.narrow(1, first, taken), Present_NS?.narrow(1, first, taken));
    }

    /// <summary>Joins sequences of the same items end to end; a mask is made only if one of them has one.</summary>
    public static TokenSequence Join(params ReadOnlySpan<TokenSequence> parts)
    {
        if (parts.Length == 1)
            return parts[0];
        var tokens = new Tensor[parts.Length];
        var present = new Tensor[parts.Length];
        var masked = false;
        for (var i = 0; i < parts.Length; i++)
        {
            tokens[i] = parts[i].Tokens_NSW;
            masked |= parts[i].Present_NS is not null;
        }
        for (var i = 0; masked && i < parts.Length; i++)
            present[i] = parts[i].Present_NS ?? ones(tokens[i].size(0), tokens[i].size(1), ScalarType.Bool, tokens[i].device);
        return new TokenSequence(cat(tokens, 1), masked ? cat(present, 1) : null);
    }
}
