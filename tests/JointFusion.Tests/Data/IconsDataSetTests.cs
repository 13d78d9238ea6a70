using JointFusion.Data;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class IconsDataSetTests(IconsFixture icons) : DrawnSetTests
{
    protected override MbeirDataset Data => icons.Data;

    protected override int[] Tasks => [0, 2, 3, 4, 6, 7, 8];

    protected override int ManyPictures => 5000;

    protected override DataSummary BuildAgain(string folder) => IconsDataSet.Ensure(folder, null, TestContext.Current.CancellationToken);

    protected override string NameOf(string path) => string.Join(' ', IconName.Words(Path.GetFileNameWithoutExtension(path)));

    [Fact]
    public void Should_be_summarized_alike_When_asked_for_by_either_way()
    {
        Assert.Equal(icons.Summary!.ManifestHash, Data.Summary.ManifestHash);
        Assert.Equal(icons.Summary.VocabularySize, Data.Summary.VocabularySize);
        Assert.Equal(icons.Summary.TrainQueries, Data.Summary.TrainQueries);
        Assert.Equal(["val", "test", "unseen"], icons.Summary.Splits);
    }

    [Fact]
    public void Should_hold_out_at_least_500_concepts_for_the_test_When_split()
    {
        var train = Concepts("train");
        Assert.True(Concepts("test").Except(train).Count() >= 500);
        Assert.True(Concepts("unseen").Except(train).Count() >= 300);
    }

    [Fact]
    public void Should_offer_all_operations_and_several_answers_When_task_7_is_tested()
    {
        var queries = Data.Queries("test").Where(query => query.Task == 7).ToList();
        Assert.Equal(
            ["add", "any-mark", "colour", "remove", "swap-base", "swap-mark", "toggle"],
            queries.Select(query => query.Operation).Distinct().Order(StringComparer.Ordinal));
        Assert.True(queries.Count(query => query.Positives.Length > 1) >= 100);
    }
}
