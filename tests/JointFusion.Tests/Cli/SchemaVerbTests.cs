using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace JointFusion.Tests;

public sealed class SchemaVerbTests
{
    [Fact]
    public async Task Should_be_the_committed_one_When_the_schema_is_printed()
    {
        using var run = new CliRun();

        Assert.Equal(0, await run.Jf("schema"));

        Assert.Equal(await File.ReadAllTextAsync(Repository.In("experiments", "experiment.schema.json"), TestContext.Current.CancellationToken), run.Out);
    }

    [Theory]
    [MemberData(nameof(ExperimentFilesTests.Files), MemberType = typeof(ExperimentFilesTests))]
    public void Should_find_nothing_wrong_When_an_experiment_is_shipped(string file)
    {
        var text = File.ReadAllText(Repository.In("experiments", file));

        Assert.True(Holds(text));
        Assert.StartsWith("# yaml-language-server: $schema=", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("zip: { seed: [1, 2] }, random: { trials: 2, keys: { retriever.temperature: { uniform: [0.03, 0.1] } } }, when: { seed: { retriever.fusion: score } }", true)]
    [InlineData("grid: { seed: [1, 2] }, limits: { runs: 3, device_hours: 1.5 }, asha: { metric: true_recall, rungs: [5, 15] }", true)]
    [InlineData("random: { trials: 2, keys: { retriever.temperature: { unifrom: [0.03, 0.1] } } }", false)]
    [InlineData("random: { keys: { retriever.temperature: { uniform: [0.03, 0.1] } } }", false)]
    [InlineData("grid: { seed: [1, 2] }, asha: { metric: loss }", false)]
    public void Should_know_every_part_of_a_sweep_When_one_is_written(string sweep, bool holds) => Assert.Equal(holds, Holds(SpecTexts.WithSweep(sweep)));

    [Theory]
    [InlineData("seed: 7", "sede: 7")]
    [InlineData("seed: 7", "seed: seven")]
    [InlineData("preset: nano", "preset: nanno")]
    [InlineData("keep: 3", "keep: [3]")]
    public void Should_find_it_When_a_key_or_its_type_is_wrong(string right, string wrong)
    {
        Assert.True(Holds(SpecTexts.Valid));
        Assert.Contains(right, SpecTexts.Valid, StringComparison.Ordinal);
        Assert.False(Holds(SpecTexts.Valid.Replace(right, wrong)));
    }

    [Theory]
    [InlineData("workers: { min: 1, max: 2 }", true)]
    [InlineData("workers: { min: 1 }", false)]
    [InlineData("workers: [1, 2]", false)]
    public void Should_TakeANumberOrARange_When_WorkersAreGiven(string workers, bool holds) =>
        Assert.Equal(holds, Holds(SpecTexts.Valid.Replace("workers: 2", workers, StringComparison.Ordinal)));

    private static bool Holds(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        var schema = JsonSchema.FromText(JointFusion.Experiments.SpecSchema.Create().ToJsonString());
        return schema.Evaluate(JsonSerializer.SerializeToElement(Json(stream.Documents[0].RootNode))).IsValid;
    }

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Select(entry => KeyValuePair.Create(((YamlScalarNode)entry.Key).Value!, Json(entry.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Select(Json)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: { } text } when double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) =>
            number == Math.Floor(number) ? (long)number : number,
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "true" or "false" } flag => flag.Value == "true",
        YamlScalarNode scalar => scalar.Value,
        _ => throw new NotSupportedException($"{node.NodeType}"),
    };
}
