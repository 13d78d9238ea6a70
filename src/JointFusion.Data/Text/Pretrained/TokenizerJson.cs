namespace JointFusion.Data;

/// <summary>The steps of a tokenizer.json: added tokens, normaliser, pre-tokenizer, model, special tokens.</summary>
/// <remarks>
/// The order is the tokenizers library's: added tokens that are looked for as they stand, the normaliser on what lies between, those that are
/// looked for in the normalised text, and the rest in pieces to the model.
/// <c>truncation</c> and <c>padding</c> are not applied, as transformers does not: the caller gives the length, and batches are ragged.
/// <c>decoder</c> is not read: nothing is decoded.
/// </remarks>
internal sealed class TokenizerJson : ITextEncoding
{
    private readonly AddedTokenFinder plain;
    private readonly AddedTokenFinder normalized;
    private readonly ITextNormalizer? normalizer;
    private readonly IPreTokenizer? preTokenizer;
    private readonly ITokenModel model;
    private readonly Dictionary<string, int> added;

    private TokenizerJson(JsonPlace top)
    {
        model = TokenModels.Read(top.Get("model"));
        normalizer = top.Find("normalizer") is { } normal ? TextNormalizers.Read(normal) : null;
        preTokenizer = top.Find("pre_tokenizer") is { } pre ? PreTokenizers.Read(pre) : null;
        SpecialTokens = top.Find("post_processor") is { } post ? SpecialTokens.Read(post) : new SpecialTokens([], []);
        AddedToken[] tokens = [.. top.Find("added_tokens")?.Items().Select(AddedToken.Read) ?? []];
        added = tokens.DistinctBy(token => token.Content).ToDictionary(token => token.Content, token => token.Id);
        plain = new AddedTokenFinder(tokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        normalized = new AddedTokenFinder(tokens.Where(token => token.Normalized).Select(token => (Normalize(token.Content), token)));
        VocabularySize = 1 + model.Vocabulary.Values.Concat(added.Values).Max();
    }

    public int VocabularySize { get; }

    public SpecialTokens SpecialTokens { get; }

    public static TokenizerJson Read(string path)
    {
        var top = JsonPlace.Open(path);
        top.RequireOnly("version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder", "model");
        return new TokenizerJson(top);
    }

    public int? IdOf(string token) =>
        added.TryGetValue(token, out var id) || model.Vocabulary.TryGetValue(token, out id) ? id : null;

    public List<int> Encode(string text)
    {
        var ids = new List<int>(text.Length / 2);
        foreach (var part in plain.Split(text))
        {
            if (part.Token is { } token) ids.Add(token.Id);
            else EncodeNormalized(Normalize(part.Text), part.Start == 0, ids);
        }

        return ids;
    }

    private void EncodeNormalized(string text, bool atStart, List<int> ids)
    {
        foreach (var part in normalized.Split(text))
        {
            if (part.Token is { } token)
            {
                ids.Add(token.Id);
                continue;
            }

            var piece = new TextPiece(part.Text, atStart && part.Start == 0);
            foreach (var cut in preTokenizer?.Split(piece) ?? [piece])
            {
                model.Encode(cut.Text, ids);
            }
        }
    }

    private string Normalize(string text) => normalizer?.Normalize(text) ?? text;
}
