using System.Text.Json;
using System.Text.Json.Nodes;
using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

public sealed class PretrainedTokenizerTests : IDisposable
{
    private const int Plenty = 10_000;
    private static readonly JsonElement Goldens = JsonElement.Parse(File.ReadAllBytes(In("goldens.json")));
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("clip")]
    [InlineData("llama")]
    [InlineData("unigram")]
    public void Should_give_the_reference_ids_When_the_kind_is(string kind)
    {
        var tokenizer = Open(kind);
        var texts = Goldens.GetProperty("texts").EnumerateArray().Select(text => text.GetString()!).ToArray();
        var expected = Goldens.GetProperty(kind).EnumerateArray().Select(ids => string.Join(' ', ids.EnumerateArray())).ToArray();
        Assert.True(texts.Length > 100);
        Assert.Equal(texts.Zip(expected), texts.Zip(texts.Select(text => string.Join(' ', tokenizer.Encode(text, Plenty)))));
        Assert.All(texts, text => Assert.All(tokenizer.Encode(text, Plenty), id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1)));
    }

    [Fact]
    public void Should_keep_the_special_tokens_When_the_text_is_cut()
    {
        var tokenizer = Open("clip");
        var whole = tokenizer.Encode("a photo of a cat", Plenty);
        Assert.Equal([.. whole[..4], whole[^1]], tokenizer.Encode("a photo of a cat", 5));
        Assert.Equal([whole[0], whole[^1]], tokenizer.Encode("a photo of a cat", 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Encode("a photo", 1));
    }

    [Fact]
    public void Should_leave_the_special_tokens_away_When_a_part_is_encoded()
    {
        var tokenizer = Open("clip");
        Assert.Equal(tokenizer.Encode("a photo", Plenty)[1..^1], tokenizer.EncodePart("a photo"));
        Assert.Equal(tokenizer.Encode("", Plenty), (int[])[tokenizer.IdOf("<|startoftext|>")!.Value, tokenizer.IdOf("<|endoftext|>")!.Value]);
        Assert.Null(tokenizer.IdOf("a photo"));
    }

    /// <summary>Rust's lower case knows no ends of words, where JavaScript's does; models are trained with the former.</summary>
    [Fact]
    public void Should_write_every_sigma_alike_When_lowering() =>
        Assert.Equal(Open("clip").EncodePart("\u03C3\u03BF\u03C3"), Open("clip").EncodePart("\u03A3\u039F\u03A3"));

    /// <summary>As in Rust; to JavaScript it is white space.</summary>
    [Fact]
    public void Should_not_cut_at_a_byte_order_mark_When_cutting_at_white_space() =>
        Assert.NotEqual(Open("unigram").EncodePart("x y"), Open("unigram").EncodePart("x\uFEFFy"));

    [Theory]
    [InlineData("say cat now", 1)]
    [InlineData("cat,cat", 2)]
    [InlineData("concat cats \u00E9cat cat\u0301", 0)]
    public void Should_find_a_word_alone_When_an_added_token_is_a_single_word(string text, int times)
    {
        var tokenizer = Open("llama", json => json["added_tokens"]!.AsArray().Add(
            new JsonObject { ["id"] = 9999, ["content"] = "cat", ["single_word"] = true, ["normalized"] = false }));
        Assert.Equal(10_000, tokenizer.VocabularySize);
        Assert.Equal(times, tokenizer.EncodePart(text).Count(id => id == 9999));
    }

    [Theory]
    [InlineData("Isolated", false, "a|-|-|b")]
    [InlineData("Removed", false, "a|b")]
    [InlineData("Removed", true, "-|-")]
    [InlineData("MergedWithPrevious", false, "a-|-|b")]
    [InlineData("MergedWithNext", false, "a|-|-b")]
    [InlineData("Contiguous", false, "a|--|b")]
    public void Should_cut_as_the_library_documents_When_behaviours_differ(string behavior, bool invert, string expected)
    {
        var place = new JsonPlace("tokenizer.json", "pre_tokenizer", JsonSerializer.SerializeToElement(
            new { type = "Split", pattern = new { String = "-" }, behavior, invert }));
        Assert.Equal(expected, string.Join('|', PreTokenizers.Read(place).Split(new TextPiece("a--b", true)).Select(piece => piece.Text)));
    }

    /// <summary>From Unicode's own test of the form, one line for each of its rules.</summary>
    [Theory]
    [InlineData("\u1E0A\u0323", "\u1E0C\u0307")]
    [InlineData("D\u0307\u0323", "\u1E0C\u0307")]
    [InlineData("\u212B\u2126", "\u00C5\u03A9")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\u1100\u1161\u11A8x\uAC00\u11A7", "\uAC01x\uAC00\u11A7")]
    [InlineData("a\u0315\u0300\u05AE\u0301b", "\u00E0\u05AE\u0301\u0315b")]
    [InlineData("\u0344\u0B47\u0300\u0B3E", "\u0308\u0301\u0B47\u0300\u0B3E")]
    [InlineData("\U0001D15E \U00011099\U000110BA", "\U0001D157\U0001D165 \U0001109A")]
    public void Should_compose_When_normalised(string text, string expected) => Assert.Equal(expected, new NfcNormalizer().Normalize(text));

    [Theory]
    [InlineData("normalizer", """{ "type": "Nmt" }""", "normalizer.type: the normalizer \"Nmt\" is not supported")]
    [InlineData("normalizer", """{ "type": "Sequence", "normalizers": [{ "type": "NFC" }, { "type": "NFKC" }] }""", "normalizer.normalizers[1].type")]
    [InlineData("pre_tokenizer", """{ "type": "BertPreTokenizer" }""", "pre_tokenizer.type: the pre-tokenizer \"BertPreTokenizer\"")]
    [InlineData("pre_tokenizer", """{ "type": "Split", "pattern": { "Regex": "\\p{Han}+" }, "behavior": "Isolated" }""", "pre_tokenizer.pattern.Regex")]
    [InlineData("pre_tokenizer", """{ "type": "ByteLevel", "add_prefix_space": 1 }""", "pre_tokenizer.add_prefix_space: true or false is expected")]
    [InlineData("pre_tokenizer", """{ "type": "ByteLevel", "add_suffix_space": true }""", "pre_tokenizer.add_suffix_space: is not known")]
    [InlineData("post_processor", """{ "type": "Custom" }""", "post_processor.type")]
    [InlineData("model", """{ "type": "WordPiece" }""", "model.type: the model \"WordPiece\"")]
    [InlineData("model", """{ "type": "BPE", "vocab": {}, "merges": [], "dropout": 0.1 }""", "model.dropout")]
    [InlineData("model", """{ "type": "BPE", "vocab": { "a": 0 }, "merges": [["a"]] }""", "model.merges[0]")]
    [InlineData("model", """{ "type": "BPE", "vocab": { "a": 0 }, "merges": [], "byte_fallback": true }""", "<0x00>")]
    [InlineData("added_tokens", """[{ "id": 1, "content": "x", "colour": "red" }]""", "added_tokens[0].colour")]
    [InlineData("wings", "2", "wings: is not known")]
    public void Should_name_file_and_key_When_a_part_is_not_supported(string key, string json, string expected)
    {
        var error = Assert.Throws<DataException>(() => Open("clip", top => top[key] = JsonNode.Parse(json)));
        Assert.Contains(folder.In("tokenizer.json"), error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_say_what_to_do_When_there_is_no_tokenizer_or_a_torn_one()
    {
        Assert.Contains("no tokenizer.json", Assert.Throws<DataException>(() => TokenizerFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
        folder.Write("tokenizer.json", "{ \"model\": ");
        Assert.Contains("cannot be read as JSON", Assert.Throws<DataException>(() => TokenizerFolder.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    private PretrainedTokenizer Open(string kind, Action<JsonNode>? change = null)
    {
        var json = JsonNode.Parse(File.ReadAllBytes(In($"{kind}.tokenizer.json")))!;
        change?.Invoke(json);
        File.WriteAllText(folder.In("tokenizer.json"), json.ToJsonString());
        return TokenizerFolder.Open(folder.Path);
    }

    private static string In(string file) => Path.Combine(AppContext.BaseDirectory, "Data", "Tokenizers", "Small", file);
}
