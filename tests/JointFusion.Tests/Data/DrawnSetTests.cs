using System.Security.Cryptography;
using JointFusion.Data;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What holds for every set that is built here.</summary>
public abstract class DrawnSetTests
{
    private static readonly string[] Splits = ["train", "val", "test", "unseen"];

    /// <summary>Built once.</summary>
    protected abstract MbeirDataset Data { get; }

    protected abstract int[] Tasks { get; }

    /// <summary>Pictures that training has at least.</summary>
    protected abstract int ManyPictures { get; }

    protected abstract DataSummary BuildAgain(string folder);

    /// <summary>In words, what a picture of the set shows.</summary>
    protected abstract string NameOf(string path);

    [Fact]
    public void Should_build_the_same_bytes_When_built_again()
    {
        using var folder = new TemporaryFolder();
        var again = BuildAgain(folder.In("again"));
        Assert.Equal(Data.ManifestHash, again.ManifestHash);
    }

    [Fact]
    public void Should_have_no_fault_When_built() => Assert.Empty(MbeirChecker.Check(Data.Root, hashes: false));

    [Theory]
    [InlineData("train")]
    [InlineData("val")]
    [InlineData("test")]
    [InlineData("unseen")]
    public void Should_have_every_task_When_a_split_is_read(string split) =>
        Assert.Equal(Tasks, Data.Queries(split).Select(query => query.Task).Distinct().Order());

    [Fact]
    public void Should_show_no_held_out_word_When_training()
    {
        var heldOut = DataManifest.Read(Data.Layout)!.HeldOutWords.ToHashSet();
        var trained = Data.TrainingTexts().Concat(NamesOfPictures("train")).SelectMany(ConceptSplits.WordsOf).ToHashSet();
        Assert.True(heldOut.Count >= 50);
        Assert.Empty(heldOut.Intersect(trained));
        Assert.All(Data.Queries("unseen"), query => Assert.True(NamesOf(query).SelectMany(ConceptSplits.WordsOf).Any(heldOut.Contains), query.Id));
    }

    [Fact]
    public void Should_train_on_no_held_out_picture_When_pictures_are_compared_by_pixels()
    {
        var decoder = new NetVipsDecoder();
        var training = Pictures("train").ToHashSet();
        var hashes = training.Concat(Pictures("val")).Concat(Pictures("test")).Concat(Pictures("unseen")).Distinct()
            .ToLookup(path => Convert.ToHexString(SHA256.HashData(decoder.Decode(Path.Combine(Data.Root, path), SvgRenderer.Side))));
        Assert.True(training.Count > ManyPictures);
        Assert.All(hashes, pictures => Assert.Single(pictures));
    }

    [Fact]
    public void Should_mark_targets_seen_When_training_has_them_as_positives()
    {
        var positives = Data.Queries("train").SelectMany(query => query.Positives).ToHashSet();
        var test = Data.Queries("test");
        Assert.All(test, query => Assert.Equal(query.Positives.All(positives.Contains), query.TargetSeen));
        Assert.Equal([false, true], test.Select(query => query.TargetSeen).Distinct().Order());
    }

    [Fact]
    public void Should_cap_operations_for_evaluation_but_not_for_training()
    {
        Assert.All(
            new[] { "val", "test", "unseen" }.SelectMany(split => Data.Queries(split).CountBy(query => (split, query.Task, query.Operation))),
            count => Assert.InRange(count.Value, 1, DrawnSet.EvaluationCap));
        Assert.Contains(Data.Queries("train").CountBy(query => query.Operation), count => count.Value > DrawnSet.EvaluationCap);
    }

    [Fact]
    public void Should_ask_no_question_twice_When_splits_are_joined()
    {
        var questions = Splits.SelectMany(split => Data.Queries(split)).Select(query => (query.Task, query.Text, query.ImagePath));
        Assert.All(questions.CountBy(question => question), count => Assert.Equal(1, count.Value));
    }

    [Fact]
    public void Should_find_every_positive_in_the_tasks_pools()
    {
        var global = Data.Pool(7, PoolKind.Global).ToHashSet();
        var local = Tasks.ToDictionary(task => task, task => Data.Pool(task, PoolKind.Local).ToHashSet());
        foreach (var query in Data.Queries("test").Concat(Data.Queries("unseen")))
        {
            Assert.All(query.Positives, positive => Assert.Contains(positive, local[query.Task]));
            Assert.All(query.Positives, positive => Assert.Contains(positive, global));
        }
    }

    protected HashSet<string> Concepts(string split) => [.. Data.Queries(split).Select(query => query.Concept)];

    private IEnumerable<string> Pictures(string split) =>
        Data.Queries(split).SelectMany(query => query.Positives.Select(positive => Data.Candidates[positive].ImagePath).Prepend(query.ImagePath)).OfType<string>();

    private IEnumerable<string> NamesOfPictures(string split) => Pictures(split).Select(NameOf);

    private IEnumerable<string> NamesOf(Query query) =>
        query.Positives.SelectMany(positive => new[] { Data.Candidates[positive].Text, Data.Candidates[positive].ImagePath })
            .Concat([query.Text, query.ImagePath])
            .OfType<string>()
            .Select(text => text.EndsWith(".png", StringComparison.Ordinal) ? NameOf(text) : text);
}
