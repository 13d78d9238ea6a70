using System.Text.Json;
using System.Text.Json.Nodes;
using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Models of SentencePiece 0.1.97, trained on this project's pages and the texts here, beside what its own spm_encode makes of these texts.</summary>
public sealed class SentencePieceTests : IDisposable
{
    private const int Plenty = 10_000;
    private static readonly JsonElement Goldens = JsonElement.Parse(File.ReadAllBytes(In("goldens.json")));
    private static readonly string[] Texts = [.. Goldens.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!)];
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory, InlineData("unigram"), InlineData("bpe")]
    public void Should_give_the_reference_ids_When_there_is_a_model_file_alone(string kind)
    {
        var tokenizer = OpenModel(kind, """{ "add_bos_token": false, "add_eos_token": false }""");
        Assert.True(Texts.Length > 150);
        Equal(Expected(kind), tokenizer, [.. Texts]);
    }

    /// <summary>The map of characters is the model's, and so are the tokens; all else is as transformers converts such a model.</summary>
    [Fact]
    public void Should_give_the_reference_ids_When_a_tokenizer_json_has_a_compiled_normalizer()
    {
        var model = SentencePieceParts.Read(In("unigram.model"));
        WriteJson(Convert.ToBase64String(model.CharsMap), model.Pieces);
        var tokenizer = TokenizerFolder.Open(folder.Path);
        // SentencePiece knows marks such as </s> in no text; a tokenizer.json has them among its tokens.
        Equal(Expected("unigram"), tokenizer, Texts.Where(text => !text.Contains("</s>", StringComparison.Ordinal)).ToHashSet());
    }

    /// <summary>SentencePiece's default rules are NFKC with more; these are where both agree, and what is its own.</summary>
    [Theory]
    [InlineData("Ｆｕｌｌ　ｗｉｄｔｈ", "Full width")]
    [InlineData("①②③ ㍿ ﬁne", "123 株式会社 fine")]
    [InlineData("cafe\u0301", "café")]
    [InlineData("\uFF76\uFF9E", "\u30AB\u3099")] // Six bytes: each by itself, where SentencePiece writes one.
    [InlineData("a\u200bb\tc\u0007d", "a b cd")]
    [InlineData("한글 🙂👍🏽 plain", "한글 🙂👍🏽 plain")]
    public void Should_write_characters_as_the_map_says_When_normalised(string text, string expected) =>
        Assert.Equal(expected, PrecompiledNormalizer.Create(SentencePieceParts.Read(In("unigram.model")).CharsMap)!.Normalize(text));

    [Fact]
    public void Should_name_the_key_When_the_map_is_none()
    {
        foreach (var map in (string[])["no base64!", "AAAA", Convert.ToBase64String([255, 255, 255, 127, 1, 2, 3, 4])])
        {
            WriteJson(map, [("<unk>", 0), ("a", -1)]);
            Assert.Contains("normalizer.normalizers[0].precompiled_charsmap: is no map of characters", Assert.Throws<DataException>(() => TokenizerFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
        }

        var bytes = SentencePieceParts.Read(In("unigram.model")).CharsMap;
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            bytes[random.Next(4, bytes.Length)] = (byte)random.Next(256);
            _ = PrecompiledNormalizer.Create(bytes)!.Normalize(string.Concat(Texts));
        }
    }

    [Fact]
    public void Should_add_tokens_and_ends_When_the_config_beside_the_model_says_so()
    {
        var tokenizer = OpenModel("bpe", """{ "tokenizer_class": "GemmaTokenizer", "added_tokens_decoder": { "5000": { "content": "<image>", "special": true } } }""");
        Assert.Equal(5_001, tokenizer.VocabularySize);
        Assert.Equal(5_000, tokenizer.IdOf("<image>"));
        Assert.Equal([tokenizer.IdOf("<s>")!.Value], tokenizer.Around.Before);
        Assert.Empty(tokenizer.Around.After);
        Assert.Equal([.. tokenizer.EncodePart("a"), 5_000, .. tokenizer.EncodePart("b")], tokenizer.EncodePart("a<image>b"));
        var ending = OpenModel("bpe", """{ "tokenizer_class": "SiglipTokenizer" }""").Around;
        Assert.Empty(ending.Before);
        Assert.Equal([tokenizer.IdOf("</s>")!.Value], ending.After);
        Assert.Empty(OpenModel("bpe", """{ "tokenizer_class": "LlamaTokenizer", "add_bos_token": false }""").Around.Before);
    }

    [Fact]
    public void Should_say_what_is_missing_When_model_or_config_are_not_whole()
    {
        Assert.Contains("tokenizer_config.json: does not say whether a text begins and ends", Assert.Throws<DataException>(() => OpenModel("bpe", """{ "tokenizer_class": "Own" }""")).Message, StringComparison.Ordinal);
        File.WriteAllBytes(folder.In("tokenizer.model"), File.ReadAllBytes(In("bpe.model"))[..5_000]);
        Assert.Contains("cannot be read as a SentencePiece model", Assert.Throws<DataException>(() => TokenizerFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
        File.Delete(folder.In("tokenizer_config.json"));
        Assert.Contains("no tokenizer_config.json beside it", Assert.Throws<DataException>(() => TokenizerFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    private static void Equal(string[] expected, PretrainedTokenizer tokenizer, HashSet<string> compared) => Assert.Empty(
        Texts.Zip(expected, Texts.Select(text => string.Join(' ', tokenizer.Encode(text, Plenty)))).Where(text => compared.Contains(text.First) && text.Second != text.Third).Select(text => $"\n{text.First}\n  {text.Second}\n  {text.Third}"));

    private static string[] Expected(string kind) => [.. Goldens.GetProperty(kind).EnumerateArray().Select(ids => string.Join(' ', ids.EnumerateArray()))];

    private PretrainedTokenizer OpenModel(string kind, string config)
    {
        File.Copy(In($"{kind}.model"), folder.In("tokenizer.model"), overwrite: true);
        File.WriteAllText(folder.In("tokenizer_config.json"), config);
        return TokenizerFolder.Open(folder.Path);
    }

    private void WriteJson(string map, IEnumerable<(string Text, float Score)> pieces) => File.WriteAllText(folder.In("tokenizer.json"), new JsonObject
    {
        ["version"] = "1.0",
        ["normalizer"] = JsonNode.Parse($$"""
            { "type": "Sequence", "normalizers": [
                { "type": "Precompiled", "precompiled_charsmap": "{{map}}" }, { "type": "Strip", "strip_left": true, "strip_right": true },
                { "type": "Replace", "pattern": { "Regex": " {2,}" }, "content": " " }] }
            """),
        ["pre_tokenizer"] = JsonNode.Parse("""{ "type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always", "split": true }"""),
        ["model"] = new JsonObject { ["type"] = "Unigram", ["unk_id"] = 0, ["vocab"] = new JsonArray([.. pieces.Select(piece => new JsonArray(piece.Text, piece.Score))]) },
    }.ToJsonString());

    private static string In(string file) => Path.Combine(AppContext.BaseDirectory, "Data", "Tokenizers", "SentencePiece", file);
}
