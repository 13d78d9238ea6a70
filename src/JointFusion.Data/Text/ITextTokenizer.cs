namespace JointFusion.Data;

/// <summary>Texts to token ids. Thread-safe.</summary>
public interface ITextTokenizer
{
    /// <summary>Ids are below this.</summary>
    int VocabularySize { get; }

    /// <summary>At most <paramref name="maxTokens"/> ids, those that the tokenizer puts around every text included; the rest of the text is cut off.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not even the ids around the text have room.</exception>
    int[] Encode(string text, int maxTokens);
}
