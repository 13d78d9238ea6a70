namespace JointFusion.Data;

/// <summary>A pretrained tokenizer without what it puts around every text: a prompt stands there.</summary>
internal sealed class PartTokenizer(PretrainedTokenizer tokenizer) : ITextTokenizer
{
    public int VocabularySize => tokenizer.VocabularySize;

    public int[] Encode(string text, int maxTokens)
    {
        var ids = tokenizer.EncodePart(text);
        return ids.Length <= maxTokens ? ids : ids[..maxTokens];
    }
}
