namespace JointFusion.Data;

/// <summary>What a file of a tokenizer says: how texts become ids, and which ids stand around them. Thread-safe.</summary>
internal interface ITextEncoding
{
    int VocabularySize { get; }

    SpecialTokens SpecialTokens { get; }

    /// <returns>Null for what is no single token.</returns>
    int? IdOf(string token);

    /// <returns>The whole text's, without special tokens around it.</returns>
    List<int> Encode(string text);
}
