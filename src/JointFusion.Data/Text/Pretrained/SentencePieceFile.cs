using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace JointFusion.Data;

/// <summary>A tokenizer.model of SentencePiece, BPE or unigram, with what a tokenizer_config.json beside it adds: tokens, and what stands around a text.</summary>
/// <remarks>What lies between added tokens is encoded by itself, as SentencePiece would encode it alone.</remarks>
internal sealed class SentencePieceFile : ITextEncoding
{
    private const string Config = "tokenizer_config.json";
    private readonly SentencePieceTokenizer model;
    private readonly AddedTokenFinder finder;
    private readonly Dictionary<string, int> added;

    private SentencePieceFile(SentencePieceTokenizer model, JsonPlace config)
    {
        this.model = model;
        AddedToken[] tokens = [.. config.Find("added_tokens_decoder")?.Entries().Select(entry => AddedToken.Read(WithId(entry.Name, entry.Place))) ?? []];
        added = tokens.DistinctBy(token => token.Content).ToDictionary(token => token.Content, token => token.Id);
        finder = new AddedTokenFinder(tokens.Select(token => (token.Content, token)));
        SpecialTokens = Around(model, config);
        VocabularySize = 1 + model.Vocabulary.Values.Concat(added.Values).Max();
    }

    public int VocabularySize { get; }

    public SpecialTokens SpecialTokens { get; }

    /// <exception cref="DataException">The file is none of SentencePiece's, or it is not told what stands around a text.</exception>
    public static SentencePieceFile Read(string path)
    {
        var config = Path.Combine(Path.GetDirectoryName(path)!, Config);
        if (!File.Exists(config)) throw new DataException($"{path}: no {Config} beside it, which tells what tokens stand around a text. Fetch it with the model.");
        try
        {
            using var stream = File.OpenRead(path);
            return new SentencePieceFile(SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false), JsonPlace.Open(config));
        }
        catch (Exception error) when (error is not DataException)
        {
            // A torn file ends in whatever its reader stumbles over.
            throw new DataException($"{path}: cannot be read as a SentencePiece model ({error.Message}). Fetch the file again.", error);
        }
    }

    public int? IdOf(string token) => added.TryGetValue(token, out var id) || model.Vocabulary.TryGetValue(token, out id) ? id : null;

    public List<int> Encode(string text)
    {
        var ids = new List<int>(text.Length / 2);
        foreach (var part in finder.Split(text))
        {
            if (part.Token is { } token) ids.Add(token.Id);
            else Encode(part.Text, ids);
        }

        return ids;
    }

    /// <summary>SentencePiece makes one unknown token of neighbours, where Microsoft.ML.Tokenizers leaves as many as there are characters.</summary>
    private void Encode(string text, List<int> ids)
    {
        var last = -1;
        foreach (var id in model.EncodeToIds(text, addBeginningOfSentence: false, addEndOfSentence: false))
        {
            if (id != model.UnknownId || id != last) ids.Add(id);
            last = id;
        }
    }

    /// <summary>In that file ids are keys.</summary>
    private static JsonPlace WithId(string id, JsonPlace place)
    {
        if (!int.TryParse(id, out var number)) throw place.Fault("a number is expected as its key");
        var members = place.Entries().ToDictionary(entry => entry.Name, entry => entry.Place.Value);
        return place with { Value = JsonSerializer.SerializeToElement(members.Append(new("id", JsonSerializer.SerializeToElement(number))).ToDictionary()) };
    }

    private static SpecialTokens Around(SentencePieceTokenizer model, JsonPlace config)
    {
        var (begins, ends) = config.Find("tokenizer_class")?.Text() switch
        {
            "LlamaTokenizer" or "LlamaTokenizerFast" or "GemmaTokenizer" or "GemmaTokenizerFast" => (true, false),
            "SiglipTokenizer" or "T5Tokenizer" or "T5TokenizerFast" => ((bool?)false, (bool?)true),
            _ => (null, null),
        };
        begins = config.Find("add_bos_token")?.Flag() ?? begins;
        ends = config.Find("add_eos_token")?.Flag() ?? ends;
        if (begins is null || ends is null)
            throw config.Fault("does not say whether a text begins and ends with a token: \"add_bos_token\" and \"add_eos_token\" are missing, and \"tokenizer_class\" is none that is known here");
        return new SpecialTokens(begins.Value ? [model.BeginningOfSentenceId] : [], ends.Value ? [model.EndOfSentenceId] : []);
    }
}
