namespace JointFusion.Data;

/// <summary>The tokenizer of a pretrained model. Thread-safe.</summary>
public sealed class PretrainedTokenizer : ITextTokenizer
{
    private readonly ITextEncoding encoding;

    internal PretrainedTokenizer(ITextEncoding encoding) => this.encoding = encoding;

    /// <inheritdoc/>
    public int VocabularySize => encoding.VocabularySize;

    /// <summary>The ids that it puts around every text.</summary>
    public (int[] Before, int[] After) Around => (encoding.SpecialTokens.Before, encoding.SpecialTokens.After);

    /// <returns>Null for what is no single token.</returns>
    public int? IdOf(string token) => encoding.IdOf(token);

    /// <inheritdoc/>
    public int[] Encode(string text, int maxTokens)
    {
        var (before, after) = encoding.SpecialTokens;
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, before.Length + after.Length);
        return [.. before, .. encoding.Encode(text).Take(maxTokens - before.Length - after.Length), .. after];
    }

    /// <summary>The text's ids alone, for prompts that are put together from several.</summary>
    public int[] EncodePart(string text) => [.. encoding.Encode(text)];
}
