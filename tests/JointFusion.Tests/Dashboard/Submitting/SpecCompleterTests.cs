using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

/// <summary>A caret is written as <c>|</c>.</summary>
public sealed class SpecCompleterTests
{
    private static readonly SpecCompleter Completer = new(SpecSchemaView.Create());

    [Theory]
    [InlineData("na|", "name")]
    [InlineData("name: a\nevaluation:\n  sp|", "splits")]
    [InlineData("data:\n  source: icons\n  image_si|", "image_size")]
    [InlineData("data: { source: icons, image_si|", "image_size")]
    [InlineData("data: {\n  source: icons,\n  image_si|\n}", "image_size")]
    [InlineData("stages:\n  - name: a\n    sched|", "schedule")]
    [InlineData("stages:\n- name: a\n  sched|", "schedule")]
    [InlineData("stages:\n  - { name: a, tasks: [0, 3], sched|", "schedule")]
    [InlineData("sweep: { grid: { retriever.fus|", "retriever.fusion")]
    [InlineData("sweep: { grid: { stages[0].sched|", "stages[0].schedule")]
    [InlineData("sweep: { grid: { stages[0].schedule: [cons|", "constant")]
    [InlineData("sweep:\n  random:\n    trials: 2\n    keys:\n      stages[0].learning|", "stages[0].learning_rate")]
    [InlineData("retriever:\n  fusion: scor|", "score")]
    [InlineData("retriever: { preset: nano, fusion: scor|", "score")]
    [InlineData("sweep: { grid: { retriever.fusion: [early, scor|", "score")]
    [InlineData("sweep:\n  grid:\n    \"stages[0].schedule\": [cons|", "constant")]
    [InlineData("stages:\n  - instructions: tr|", "true")]
    public void Should_suggest_what_the_schema_allows_when_a_caret_is_there(string text, string expected) =>
        Assert.Contains(expected, Labels(text));

    [Theory]
    [InlineData("# na|")]
    [InlineData("name: a # na|")]
    [InlineData("name: na|")]
    [InlineData("data:\n  source: icons\n  elsewhere:\n    na|")]
    public void Should_suggest_nothing_when_the_schema_has_nothing_to_say(string text) => Assert.Empty(Labels(text));

    [Fact]
    public void Should_leave_out_keys_that_are_there_when_they_come_before_or_after()
    {
        var keys = Labels("data:\n  source: icons\n  |\n  image_size: 32\nseed: 1\n");

        Assert.DoesNotContain("source", keys);
        Assert.DoesNotContain("image_size", keys);
        Assert.Contains("image_mean", keys);
        Assert.DoesNotContain("name", keys);
    }

    [Theory]
    [InlineData("see|", "seed: ")]
    [InlineData("retriev|", "retriever:\n  ")]
    [InlineData("stag|", "stages:\n  - ")]
    [InlineData("data: { im|", "image_size: ")]
    [InlineData("stages:\n  - name: a\n    task|", "tasks: [")]
    [InlineData("sweep:\n  random:\n    key|", "keys:\n      ")]
    public void Should_write_what_a_value_begins_with_when_a_key_is_taken(string text, string expected) =>
        Assert.Contains(expected, Complete(text).Items.Select(item => item.Insert));

    [Fact]
    public void Should_take_the_place_of_what_is_written_when_it_is_taken()
    {
        Assert.Equal(4, Complete("data: { imag|").Prefix);
        Assert.Equal("Seed of weights, batches and instructions. Default 0.", Complete("see|").Items.Single(item => item.Label == "seed").Detail);
    }

    private static IReadOnlyList<string> Labels(string text) => [.. Complete(text).Items.Select(item => item.Label)];

    private static SpecSuggestions Complete(string text) =>
        Completer.Complete(text.Replace("|", "", StringComparison.Ordinal), text.IndexOf('|', StringComparison.Ordinal));
}
