using JointFusion.Data;
using Xunit;

namespace JointFusion.Tests;

public sealed class TextTokenizerTests(IconsFixture icons)
{
    private static readonly TextTokenizer Small = new(VocabularyBuilder.Build(["find the calendar", "the calendar, solid", "find the mark", "a mark"]));

    [Theory]
    [InlineData("find the calendar")]
    [InlineData("zeppelins over the lighthouse")]
    [InlineData("ключ 漢字 🎉 naïve")]
    [InlineData("?!")]
    public void Should_give_the_text_back_When_its_words_were_never_seen(string text)
    {
        var ids = Small.Encode(text, 1000);
        Assert.Equal(text, Small.Decode(ids));
        Assert.All(ids, id => Assert.InRange(id, 0, Small.VocabularySize - 1));
    }

    [Fact]
    public void Should_need_one_token_a_word_When_words_are_frequent()
    {
        Assert.Equal(3, Small.Encode("find the calendar", 100).Length);
        Assert.Equal(Small.Encode("find the calendar", 100), Small.Encode("  Find the\tCALENDAR ", 100));
    }

    [Fact]
    public void Should_make_no_difference_When_letters_are_capital() =>
        Assert.Equal(Small.Encode("café ключ", 100), Small.Encode("CAFÉ Ключ", 100));

    [Fact]
    public void Should_cut_the_end_off_When_the_text_is_too_long()
    {
        var whole = Small.Encode("the unknown calendar", 100);
        Assert.Equal(whole[..4], Small.Encode("the unknown calendar", 4));
    }

    [Fact]
    public void Should_learn_the_same_vocabulary_When_texts_come_in_another_order() =>
        Assert.Equal(VocabularyBuilder.Build(["a mark", "the mark", "the thing"]).ToJson(), VocabularyBuilder.Build(["the thing", "the mark", "a mark"]).ToJson());

    [Fact]
    public void Should_keep_to_the_size_When_more_could_be_learned() =>
        Assert.Equal(260, VocabularyBuilder.Build(["find the calendar", "find the calendars"], 260).Entries.Length);

    [Fact]
    public void Should_spell_held_out_words_in_pieces_When_icons_are_unseen()
    {
        var tokenizer = icons.Data.Tokenizer;
        Assert.InRange(tokenizer.VocabularySize, 257, 4096);
        foreach (var word in DataManifest.Read(icons.Data.Layout)!.HeldOutWords)
        {
            Assert.Equal(word, tokenizer.Decode(tokenizer.Encode(word, 100)));
        }
    }

    [Fact]
    public void Should_say_what_to_do_When_the_file_is_no_vocabulary()
    {
        using var folder = new TemporaryFolder();
        folder.Write("vocabulary.json", "{");
        Assert.Contains("vocabulary.json", Assert.Throws<DataException>(() => TextTokenizer.Load(folder.In("vocabulary.json"))).Message, StringComparison.Ordinal);
        Assert.Throws<DataException>(() => TextTokenizer.Load(folder.In("missing.json")));
    }
}
