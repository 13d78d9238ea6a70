using System.Text.Json;
using System.Text.Json.Nodes;
using JointFusion.Data;
using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class DataManifestTests : IDisposable
{
    private static readonly DataManifest Full = new()
    {
        Schema = 2,
        Name = "set",
        Builder = "test-1",
        Source = "a package",
        Notes = ["one", "another"],
        HeldOutWords = ["clock"],
        VocabularySize = 256,
        TrainQueries = Plans.Data.TrainQueries,
        HardNegatives = Plans.Data.TrainQueries.Add(8, 1),
        Splits = ["val", "test"],
        Files = [new("a/b.txt", 5_000_000_000, "0123"), new("c.png", 1, "4567")],
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Should_read_every_member_When_it_was_written()
    {
        var layout = new MbeirLayout(folder.Path);
        Full.Write(layout);

        var read = DataManifest.Read(layout)!;

        Assert.Equal(JsonSerializer.Serialize(Full, JointFusionJson.File), JsonSerializer.Serialize(read, JointFusionJson.File));
        var left = new DataManifest { Name = "", Builder = "", Source = "", Notes = [], HeldOutWords = [], VocabularySize = 0, TrainQueries = Full.TrainQueries.Clear(), Splits = [], Files = [] };
        Assert.All(typeof(DataManifest).GetProperties(), member => Assert.NotEqual(member.GetValue(left), member.GetValue(Full))); // A new one is set above, or is not tested.
    }

    [Theory]
    [InlineData("name", null)]
    [InlineData("files", null)]
    [InlineData("splits", "\"val\"")]
    [InlineData("train_queries", "{ \"zero\": 1 }")]
    [InlineData("files", "[{ \"path\": \"a\", \"bytes\": 1 }]")]
    public void Should_say_that_it_is_no_manifest_When_a_member_is_missing_or_of_another_kind(string member, string? value)
    {
        var json = JsonSerializer.SerializeToNode(Full, JointFusionJson.File)!.AsObject();
        json.Remove(member);
        if (value is not null)
            json.Add(member, JsonNode.Parse(value));
        var layout = new MbeirLayout(folder.Path);
        File.WriteAllText(layout.Manifest, json.ToJsonString());

        Assert.StartsWith($"{layout.Manifest}: not a manifest of this program", Assert.Throws<DataException>(() => DataManifest.Read(layout)).Message, StringComparison.Ordinal);
    }
}
