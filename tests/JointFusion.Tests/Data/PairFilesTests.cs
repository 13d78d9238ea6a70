using JointFusion.Data;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Pair files as a data set: what a line becomes, and what is told of one that is wrong.</summary>
public sealed class PairFilesTests : IDisposable
{
    private const string Train = "train.jsonl", Test = "test.jsonl";
    private readonly TemporaryFolder folder = new();

    public PairFilesTests()
    {
        Directory.CreateDirectory(folder.In("pictures"));
        File.WriteAllBytes(folder.In("pictures", "red.png"), PngFile.Encode([255, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0], 2, 3));
        folder.Write(
            Train,
            """{"query": {"text": "a colour"}, "target": {"text": "red"}}""",
            "",
            """{"query": {"image": "pictures/red.png"}, "target": {"text": "red"}}""",
            """{"query": {"text": "a colour"}, "target": {"text": "blue"}}""",
            """{"query": {"text": "a colour", "image": "pictures/red.png"}, "target": {"text": null, "image": "pictures/red.png"}}""");
        folder.Write(Test, """{"query": {"text": "sky"}, "target": {"text": "blue"}}""", """{"query": {"text": "rose"}, "target": {"text": "pink"}}""");
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_JoinWhatAsksTheSame_When_APairFileIsRead()
    {
        var data = MbeirDataset.Open(folder.Path);
        Assert.Equal(
            [("0:1", 1, "a colour", null, "red blue"), ("0:3", 3, null, "pictures/red.png", "red"), ("0:5", 7, "a colour", "pictures/red.png", "")],
            data.Queries("train").Select(query => (query.Id, query.Task, query.Text, query.ImagePath, string.Join(' ', query.Positives.Select(positive => data.Candidates[positive].Text)))));
        Assert.Equal(["red", "blue", null, "pink"], data.Candidates.Select(candidate => candidate.Text));
        Assert.Equal([Modality.Text, Modality.Text, Modality.Image, Modality.Text], data.Candidates.Select(candidate => candidate.Modality));
        Assert.Equal([(1, 1), (3, 1), (7, 1)], data.Summary.TrainQueries.Select(task => (task.Key, task.Value)));
        Assert.Equal(["test"], data.Summary.Splits);
    }

    [Fact]
    public void Should_SearchAmongTheTargetsOfEvaluation_When_APoolIsAskedFor()
    {
        var data = MbeirDataset.Open(folder.Path);
        Assert.Equal(["blue", "pink"], data.Pool(1, PoolKind.Local).Select(candidate => data.Candidates[candidate].Text));
        Assert.Equal(data.Pool(1, PoolKind.Local), data.Pool(1, PoolKind.Global));
        Assert.Contains("no split that is evaluated has a pair of task 3", Assert.Throws<DataException>(() => data.Pool(3, PoolKind.Local)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_ReadThemByName_When_ASplitIsAFolderOfFiles()
    {
        File.Delete(folder.In(Train));
        folder.Write("train/b.jsonl", """{"query": {"text": "two"}, "target": {"text": "2"}}""");
        folder.Write("train/a.jsonl", """{"query": {"text": "one"}, "target": {"text": "1"}}""", """{"query": {"text": "one"}, "target": {"text": "1"}}""");
        var data = MbeirDataset.Open(folder.Path);
        Assert.Equal([("0:1", "one", 0), ("1:1", "two", 1)], data.Queries("train").Select(query => (query.Id, query.Text!, query.DataSet)));
        Assert.All(data.Queries("train"), query => Assert.Single(query.Positives));
    }

    [Fact]
    public void Should_HaveAnotherIdentity_When_AFileChanges()
    {
        var before = MbeirDataset.Open(folder.Path).ManifestHash;
        File.AppendAllText(folder.In(Test), """{"query": {"text": "snow"}, "target": {"text": "white"}}""");
        Assert.NotEqual(before, MbeirDataset.Open(folder.Path).ManifestHash);
    }

    [Fact]
    public void Should_FindNothing_When_PairFilesAreSound() => Assert.Empty(MbeirChecker.Check(folder.Path, hashes: true));

    [Theory]
    [InlineData("""{"query": {"text": "a"}}""", "no \"target\"")]
    [InlineData("""{"query": {"text": " "}, "target": {"text": "b"}}""", "\"query\" has neither a text nor an image")]
    [InlineData("""{"query": {"txt": "a"}, "target": {"text": "b"}}""", "could not be mapped")]
    [InlineData("""{"query": "a", "target": "b"}""", "not the JSON expected")]
    [InlineData("""{"query": {"image": "pictures/red.png"}, "target": {"text": "b", "image": "pictures/red.png"}}""", "there is no task from image to image,text")]
    [InlineData("""{"query": {"image": "../red.png"}, "target": {"text": "b"}}""", "the image ../red.png is not below the folder")]
    [InlineData("""{"query": {"image": "pictures/blue.png"}, "target": {"text": "b"}}""", "pictures/blue.png: the picture is missing")]
    public void Should_NameFileAndLine_When_APairIsWrong(string line, string expected)
    {
        File.AppendAllLines(folder.In(Train), [line]);
        var fault = Assert.Single(MbeirChecker.Check(folder.Path, hashes: false));
        Assert.Equal((folder.In(Train), 6), (fault.File, fault.Line));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_StopAtTheFirstFaultWithItsLine_When_TrainingWouldReadIt()
    {
        File.AppendAllLines(folder.In(Test), ["{}"]);
        Assert.StartsWith($"{folder.In(Test)}:3: no \"query\"", Assert.Throws<DataException>(() => MbeirDataset.Open(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_SayWhichSourceItIs_When_AnotherIsNamed()
    {
        using var set = new SmallSet();
        Assert.Contains("set data.source: pairs", Assert.Throws<DataException>(() => MbeirDataset.Open(folder.Path, DataSource.Mbeir)).Message, StringComparison.Ordinal);
        Assert.Contains("expected train.jsonl", Assert.Throws<DataException>(() => MbeirDataset.Open(set.Root, DataSource.Pairs)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data: { source: icons, image_size: 32 }", "data: { source: pairs }", "data.root: missing; source pairs needs the folder of pair files")]
    [InlineData("data: { source: icons, image_size: 32 }", "data: { source: pairs, root: nowhere }", "does not exist")]
    [InlineData("data: { source: icons, image_size: 32 }", "data: { source: pairs, root: . }", "pair files have no instructions")]
    public void Should_RefuseTheSpec_When_PairFilesCannotServeIt(string written, string changed, string expected)
    {
        var result = SpecLoader.Parse(SpecTexts.With(written, changed), "a.yaml", folder.Path);
        Assert.Contains(result.Faults, fault => fault.ToString().Contains(expected, StringComparison.Ordinal));
    }
}
