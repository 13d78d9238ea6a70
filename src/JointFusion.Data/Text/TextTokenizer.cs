using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace JointFusion.Data;

/// <summary>Texts to token ids by byte-level byte-pair encoding: every text has ids, whatever its words. Thread-safe.</summary>
public sealed class TextTokenizer : ITextTokenizer
{
    private readonly BpeTokenizer tokenizer;

    internal TextTokenizer(Vocabulary vocabulary)
    {
        VocabularySize = vocabulary.Entries.Length;
        tokenizer = BpeTokenizer.Create(new BpeOptions(vocabulary.Entries.Select((entry, id) => KeyValuePair.Create(entry, id)))
        {
            Merges = vocabulary.Merges,
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(TextPieces.Pattern(), null),
        });
    }

    /// <summary>Ids are below this. None is reserved: there are no special tokens.</summary>
    public int VocabularySize { get; }

    /// <exception cref="DataException">The file is missing or is no vocabulary.</exception>
    public static TextTokenizer Load(string path)
    {
        try
        {
            return new TextTokenizer(Vocabulary.Parse(File.ReadAllBytes(path)));
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            throw new DataException($"{path}: not a vocabulary ({error.Message}). Delete it; it is built again.", error);
        }
    }

    /// <summary>At most <paramref name="maxTokens"/> ids; the rest of the text is cut off. Case and runs of spaces make no difference.</summary>
    public int[] Encode(string text, int maxTokens)
    {
        var ids = tokenizer.EncodeToIds(TextPieces.Normalize(text), maxTokens, out _, out _);
        return [.. ids];
    }

    /// <summary>The text that the ids stand for, in lower case.</summary>
    public string Decode(IEnumerable<int> ids) => (tokenizer.Decode(ids) ?? "").TrimStart();
}
