using JointFusion.Data;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class EmojiDataSetTests(EmojiFixture emoji) : DrawnSetTests
{
    protected override MbeirDataset Data => emoji.Data;

    protected override int[] Tasks => [0, 1, 2, 3, 4, 6, 7, 8];

    protected override int ManyPictures => 3500;

    protected override DataSummary BuildAgain(string folder) => EmojiDataSet.Ensure(folder, null, TestContext.Current.CancellationToken);

    private readonly Lazy<Dictionary<string, string>> textOfCard = new(() =>
        emoji.Data.Pool(8, PoolKind.Local).Select(index => emoji.Data.Candidates[index]).ToDictionary(card => card.ImagePath!, card => card.Text!));

    protected override string NameOf(string path) => textOfCard.Value[path];

    [Fact]
    public void Should_have_all_that_both_artists_drew_When_built()
    {
        Assert.Equal(3117, Data.Pool(1, PoolKind.Local).Length);
        Assert.Equal(2 * 3117, Data.Pool(0, PoolKind.Local).Length);
        Assert.Equal(["val", "test", "unseen"], emoji.Summary!.Splits);
    }

    [Fact]
    public async Task Should_tell_its_tasks_When_the_verb_finds_it_built()
    {
        using var cli = new CliRun();
        Assert.Equal(0, await cli.Jf("data", "emoji", "--out", Data.Root));
        Assert.Contains($"manifest {Data.ManifestHash}, vocabulary 4,096, splits val, test, unseen", cli.Out, StringComparison.Ordinal);
        Assert.Contains("task 1: 1,9", cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_hold_out_whole_families_When_a_word_is_held_out()
    {
        var (train, unseen) = (Concepts("train"), Concepts("unseen"));
        var heldOut = DataManifest.Read(Data.Layout)!.HeldOutWords.ToHashSet();
        var families = unseen.Where(family => ConceptSplits.WordsOf(family).Any(heldOut.Contains)).ToList();
        Assert.True(families.Count >= 150, $"{families.Count}");
        Assert.Empty(families.Intersect(train));
        Assert.True(Data.Queries("test").Select(query => query.Concept).Distinct().Count() >= 100);
    }

    [Fact]
    public void Should_offer_all_operations_When_composed_tasks_are_tested()
    {
        var operations = Data.Queries("test").Where(query => query.Task >= 6).Select(query => (query.Task, query.Operation!)).Distinct().Order();
        Assert.Equal(
            [
                (6, "which-look"), (6, "which-thing"),
                (7, "swap-both"), (7, "swap-gender"), (7, "swap-hair"), (7, "swap-thing"), (7, "swap-tone"), (7, "toggle"), (7, "turn"),
                (8, "swap-both"), (8, "swap-thing"), (8, "toggle"),
            ],
            operations);
    }

    [Fact]
    public void Should_want_what_the_text_makes_of_the_picture_When_a_look_is_changed()
    {
        var changes = Data.Queries("test").Where(query => query.Task == 7 && query.Operation is "swap-tone" or "swap-gender" or "swap-hair" or "turn" or "swap-both").ToList();
        Assert.True(changes.Count >= 1500);
        foreach (var query in changes)
        {
            var wanted = Data.Candidates[Assert.Single(query.Positives)].ImagePath!;
            var (from, to) = (Sequence(query.ImagePath!), Sequence(wanted));
            Assert.Equal((Artist(query.ImagePath!), from.Thing), (Artist(wanted), to.Thing));
            Assert.Equal(query.Text, EmojiPhrases.Change(from.Traits.To(to.Traits), to.Traits));
        }
    }

    [Fact]
    public void Should_want_the_other_artists_drawing_When_it_is_asked_for()
    {
        foreach (var query in Data.Queries("test").Where(query => query.Operation is "toggle" or "redrawn" && query.Task != 8))
        {
            var wanted = Data.Candidates[Assert.Single(query.Positives)].ImagePath!;
            Assert.NotEqual(Artist(query.ImagePath!), Artist(wanted));
            Assert.Equal(Path.GetFileName(query.ImagePath), Path.GetFileName(wanted));
        }
    }

    private static EmojiSequence Sequence(string path) => EmojiSequence.Of(Path.GetFileNameWithoutExtension(path));

    private static string Artist(string path) => Path.GetFileName(Path.GetDirectoryName(path)!);
}
