using System.Security.Cryptography;
using JointFusion.Data;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class IconsDataSetTests(IconsFixture icons)
{
    private static readonly int[] Tasks = [0, 2, 3, 4, 6, 7, 8];
    private readonly MbeirDataset data = icons.Data;

    [Fact]
    public void Should_build_the_same_bytes_When_built_again()
    {
        using var folder = new TemporaryFolder();
        var again = IconsDataSet.Ensure(folder.In("again"), null, TestContext.Current.CancellationToken);
        Assert.Equal(data.ManifestHash, again.ManifestHash);
    }

    [Fact]
    public void Should_have_no_fault_When_built() => Assert.Empty(MbeirChecker.Check(data.Root, hashes: false));

    [Fact]
    public void Should_be_summarized_alike_When_asked_for_by_either_way()
    {
        Assert.Equal(icons.Summary!.ManifestHash, data.Summary.ManifestHash);
        Assert.Equal(icons.Summary.VocabularySize, data.Summary.VocabularySize);
        Assert.Equal(icons.Summary.TrainQueries, data.Summary.TrainQueries);
        Assert.Equal(["val", "test", "unseen"], icons.Summary.Splits);
    }

    [Fact]
    public void Should_hold_out_at_least_500_concepts_for_the_test_When_split()
    {
        var train = Concepts("train");
        Assert.True(Concepts("test").Except(train).Count() >= 500);
        Assert.True(Concepts("unseen").Except(train).Count() >= 300);
    }

    [Theory]
    [InlineData("train")]
    [InlineData("val")]
    [InlineData("test")]
    [InlineData("unseen")]
    public void Should_have_every_task_When_a_split_is_read(string split) =>
        Assert.Equal(Tasks, data.Queries(split).Select(query => query.Task).Distinct().Order());

    [Fact]
    public void Should_show_no_held_out_word_When_training()
    {
        var heldOut = DataManifest.Read(data.Layout)!.HeldOutWords.ToHashSet();
        var trained = data.TrainingTexts().Concat(NamesOfPictures("train")).SelectMany(IconSplits.WordsOf).ToHashSet();
        Assert.True(heldOut.Count >= 50);
        Assert.Empty(heldOut.Intersect(trained));
        Assert.All(data.Queries("unseen"), query => Assert.True(NamesOf(query).SelectMany(IconSplits.WordsOf).Any(heldOut.Contains), query.Id));
    }

    [Fact]
    public void Should_train_on_no_held_out_picture_When_pictures_are_compared_by_pixels()
    {
        var decoder = new NetVipsDecoder();
        var training = Pictures("train").ToHashSet();
        var hashes = training.Concat(Pictures("val")).Concat(Pictures("test")).Concat(Pictures("unseen")).Distinct()
            .ToLookup(path => Convert.ToHexString(SHA256.HashData(decoder.Decode(Path.Combine(data.Root, path), IconRenderer.Side))));
        Assert.True(training.Count > 5000);
        Assert.All(hashes, pictures => Assert.Single(pictures));
    }

    [Fact]
    public void Should_mark_targets_seen_When_training_has_them_as_positives()
    {
        var positives = data.Queries("train").SelectMany(query => query.Positives).ToHashSet();
        var test = data.Queries("test");
        Assert.All(test, query => Assert.Equal(query.Positives.All(positives.Contains), query.TargetSeen));
        Assert.Equal([false, true], test.Select(query => query.TargetSeen).Distinct().Order());
    }

    [Fact]
    public void Should_cap_operations_for_evaluation_but_not_for_training()
    {
        Assert.All(
            new[] { "val", "test", "unseen" }.SelectMany(split => data.Queries(split).CountBy(query => (split, query.Task, query.Operation))),
            count => Assert.InRange(count.Value, 1, IconSet.EvaluationCap));
        Assert.Contains(data.Queries("train").CountBy(query => query.Operation), count => count.Value > IconSet.EvaluationCap);
    }

    [Fact]
    public void Should_offer_all_operations_and_several_answers_When_task_7_is_tested()
    {
        var queries = data.Queries("test").Where(query => query.Task == 7).ToList();
        Assert.Equal(
            ["add", "any-mark", "colour", "remove", "swap-base", "swap-mark", "toggle"],
            queries.Select(query => query.Operation).Distinct().Order(StringComparer.Ordinal));
        Assert.True(queries.Count(query => query.Positives.Length > 1) >= 100);
    }

    [Fact]
    public void Should_ask_no_question_twice_When_splits_are_joined()
    {
        var questions = new[] { "train", "val", "test", "unseen" }.SelectMany(split => data.Queries(split)).Select(query => (query.Task, query.Text, query.ImagePath));
        Assert.All(questions.CountBy(question => question), count => Assert.Equal(1, count.Value));
    }

    [Fact]
    public void Should_find_every_positive_in_the_tasks_pools()
    {
        var global = data.Pool(7, PoolKind.Global).ToHashSet();
        var local = Tasks.ToDictionary(task => task, task => data.Pool(task, PoolKind.Local).ToHashSet());
        foreach (var query in data.Queries("test").Concat(data.Queries("unseen")))
        {
            Assert.All(query.Positives, positive => Assert.Contains(positive, local[query.Task]));
            Assert.All(query.Positives, positive => Assert.Contains(positive, global));
        }
    }

    private HashSet<string> Concepts(string split) => [.. data.Queries(split).Select(query => query.Concept)];

    private IEnumerable<string> Pictures(string split) =>
        data.Queries(split).SelectMany(query => query.Positives.Select(positive => data.Candidates[positive].ImagePath).Prepend(query.ImagePath)).OfType<string>();

    private IEnumerable<string> NamesOfPictures(string split) => Pictures(split).Select(NameOf);

    private IEnumerable<string> NamesOf(Query query) =>
        query.Positives.SelectMany(positive => new[] { data.Candidates[positive].Text, data.Candidates[positive].ImagePath })
            .Concat([query.Text, query.ImagePath])
            .OfType<string>()
            .Select(text => text.EndsWith(".png", StringComparison.Ordinal) ? NameOf(text) : text);

    private static string NameOf(string path) => string.Join(' ', IconName.Words(Path.GetFileNameWithoutExtension(path)));
}
