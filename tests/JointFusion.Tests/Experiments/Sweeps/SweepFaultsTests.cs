using Xunit;

namespace JointFusion.Tests;

/// <summary>The grid stands in line 16 of each text.</summary>
public sealed class SweepFaultsTests
{
    [Theory]
    [InlineData("retriever.fusoin: [early]", "sweep.grid.retriever.fusoin", "did you mean 'retriever.fusion'?")]
    [InlineData("name: [a, b]", "sweep.grid.name", "one that a sweep cannot vary")]
    [InlineData("'stages[2].steps': [10]", "sweep.grid.stages[2].steps", "the spec has 2")]
    [InlineData("'stages[99999999999].steps': [10]", "sweep.grid.stages[99999999999].steps", "unknown key path")]
    [InlineData("seed: []", "sweep.grid.seed", "an empty list")]
    [InlineData("seed: 8", "sweep.grid.seed", "'8' where a list of values is expected")]
    [InlineData("seed: [[8]]", "sweep.grid.seed[0]", "a list where one plain value is expected")]
    [InlineData("seed: [8, nine]", "sweep.grid.seed", "'nine' is not a whole number")]
    [InlineData("seed: [8], seed: [9]", "sweep.grid.seed", "duplicate key")]
    [InlineData("seed: [8, -1]", "sweep.grid.seed", "-1 is not allowed; at least 0")]
    [InlineData("'stages[0].steps': [20, 4]", "sweep.grid.stages[0].steps", "at 4: stages[0].warmup_steps: 5 warm-up steps leave none")]
    [InlineData("resources.workers: [2, 40]", "sweep.grid.resources.workers", "at 40: stages[0].global_batch: 32 pairs")]
    [InlineData("'stages[0].steps': [20, 0], 'stages[1].steps': [0, 40]", "sweep.grid.stages[0].steps", "0 leaves the stage out, and no other one is left")]
    [InlineData("", "sweep.grid", "an empty grid")]
    public void Should_point_at_the_grid_when_it_or_one_of_its_points_is_wrong(string grid, string keyPath, string message)
    {
        var faults = SpecTexts.Parse(SpecTexts.WithGrid(grid)).Faults;

        var fault = faults.First(fault => fault.KeyPath == keyPath);
        Assert.Contains(message, fault.Message);
        Assert.Equal(16, fault.Line);
    }

    [Fact]
    public void Should_point_at_the_very_value_when_one_of_many_is_wrong()
    {
        var fault = Assert.Single(SpecTexts.Parse(SpecTexts.WithGrid("seed: [8, -1, 9]")).Faults);

        Assert.Equal("sweep: { grid: { seed: [8, ".Length + 1, fault.Column);
    }

    [Fact]
    public void Should_report_a_fault_once_when_every_point_has_it()
    {
        var text = SpecTexts.WithGrid("seed: [1, 2, 3]", SpecTexts.With("keep: 3", "keep: 1"));

        Assert.Equal("checkpoints.keep", Assert.Single(SpecTexts.Parse(text).Faults).KeyPath);
    }

    [Fact]
    public void Should_report_the_rest_of_the_spec_too_when_an_axis_is_wrong()
    {
        var text = SpecTexts.WithGrid("sede: [1]", SpecTexts.With("keep: 3", "keep: 1"));

        Assert.Equal(["checkpoints.keep", "sweep.grid.sede"], SpecTexts.Parse(text).Faults.Select(fault => fault.KeyPath));
    }

    /// <summary>For the same reason at each point, or for one of its own.</summary>
    [Theory]
    [InlineData("seed: [1, 2]", "matching: flops", "retriever.matching", "early")]
    [InlineData("retriever.fusion: [isolated, score]", "feature_mixer: mlp", "retriever.feature_mixer", "isolated")]
    public void Should_refuse_an_option_when_it_has_no_effect_at_any_point(string grid, string option, string key, string fusion)
    {
        var text = SpecTexts.WithGrid(grid, SpecTexts.With("fusion: early", $"fusion: early, {option}"));

        var fault = Assert.Single(SpecTexts.Parse(text).Faults);

        Assert.Equal(key, fault.KeyPath);
        Assert.Contains($"no effect at any point of the grid, with retriever.fusion {fusion}", fault.Message);
    }

    [Fact]
    public void Should_refuse_when_the_grid_has_more_points_than_anyone_means()
    {
        var many = string.Join(", ", Enumerable.Range(0, 40));

        var fault = Assert.Single(SpecTexts.Parse(SpecTexts.WithGrid($"seed: [{many}], checkpoints.every_steps: [{many}]")).Faults);

        Assert.Contains("1600 points; at most 1000", fault.Message);
    }

    [Fact]
    public void Should_not_guess_about_the_grid_when_the_stages_cannot_be_read()
    {
        var text = SpecTexts.WithGrid("'stages[0].steps': [10]", "name: small\ndata: { source: icons }\nretriever: { preset: nano, fusion: early }");

        Assert.Equal("stages", Assert.Single(SpecTexts.Parse(text).Faults).KeyPath);
    }
}
