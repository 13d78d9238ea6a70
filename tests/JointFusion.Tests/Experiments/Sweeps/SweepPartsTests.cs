using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Zipped lists, conditions and limits. The sweep stands in line 16 of each text.</summary>
public sealed class SweepPartsTests
{
    [Fact]
    public void Should_walk_lists_together_when_they_are_zipped()
    {
        var runs = Expand("grid: { seed: [1, 2] }, zip: { 'stages[0].steps': [20, 40], 'stages[0].global_batch': [32, 16] }").Runs;

        Assert.Equal(["seed1-steps20-global_batch32", "seed1-steps40-global_batch16", "seed2-steps20-global_batch32", "seed2-steps40-global_batch16"], runs.Select(run => run.Name));
        Assert.Equal([(20, 32), (40, 16)], runs.Take(2).Select(run => (run.Spec.Stages[0].Steps, run.Spec.Stages[0].GlobalBatch)));
    }

    [Fact]
    public void Should_name_the_whole_key_when_two_swept_ones_end_alike()
    {
        var runs = Expand("zip: { 'stages[0].steps': [20, 40], 'stages[1].steps': [40, 20] }").Runs;

        Assert.Equal(["stages0.steps20-stages1.steps40", "stages0.steps40-stages1.steps20"], runs.Select(run => run.Name));
    }

    [Fact]
    public void Should_drop_a_key_and_say_so_when_its_condition_does_not_hold()
    {
        var (runs, notes) = Expand("grid: { retriever.fusion: [early, score, feature], retriever.temperature: [0.05, 0.1] }, when: { retriever.temperature: { retriever.fusion: [score] } }");

        Assert.Equal(["early", "score-temperature0.05", "score-temperature0.1", "feature"], runs.Select(run => run.Name));
        Assert.Equal([0.07, 0.05, 0.1, 0.07], runs.Select(run => run.Spec.Retriever.Temperature));
        Assert.Equal("early, feature: retriever.temperature is dropped; it applies only with retriever.fusion score.", Assert.Single(notes));
    }

    [Fact]
    public void Should_drop_what_depends_on_a_dropped_key_when_conditions_are_chained()
    {
        var runs = Expand(
            "grid: { seed: [1, 2], 'stages[0].steps': [20, 30], 'stages[1].steps': [5, 6] }, when: { 'stages[0].steps': { seed: 2 }, 'stages[1].steps': { 'stages[0].steps': [30], seed: [1, 2] } }").Runs;

        Assert.Equal(["seed1", "seed2-stages0.steps20", "seed2-stages0.steps30-stages1.steps5", "seed2-stages0.steps30-stages1.steps6"], runs.Select(run => run.Name));
        Assert.Equal([40, 40, 5, 6], runs.Select(run => run.Spec.Stages[1].Steps));
    }

    [Fact]
    public void Should_leave_the_trials_out_where_nothing_that_is_drawn_applies()
    {
        var runs = Expand(
            "grid: { retriever.fusion: [early, score] }, random: { trials: 2, keys: { retriever.temperature: { uniform: [0.03, 0.1] } } }, when: { retriever.temperature: { retriever.fusion: score } }").Runs;

        Assert.Equal(["early", "score-trial1", "score-trial2"], runs.Select(run => run.Name));
    }

    [Theory]
    [InlineData("zip: { seed: [1, 2], 'stages[0].steps': [10, 20, 30] }", "sweep.zip.stages[0].steps", "3 values, but seed has 2")]
    [InlineData("grid: { seed: [1, 2] }, zip: { seed: [1, 2] }", "sweep.zip.seed", "swept by sweep.grid.seed already")]
    [InlineData("grid: { seed: [1, 2] }, when: { sede: { seed: 1 } }", "sweep.when.sede", "did you mean 'seed'?")]
    [InlineData("grid: { seed: [1, 2], 'stages[0].steps': [10, 20] }, when: { seed: { 'stages[0].stepz': 10 } }", "sweep.when.seed.stages[0].stepz", "did you mean 'stages[0].steps'?")]
    [InlineData("grid: { seed: [1, 2], retriever.fusion: [early, score] }, when: { seed: { retriever.fusion: [scores] } }", "sweep.when.seed.retriever.fusion", "did you mean 'score'?")]
    [InlineData("grid: { seed: [1, 2] }, when: { seed: { seed: 1 } }", "sweep.when.seed", "depends on itself")]
    [InlineData("grid: { seed: [1, 2], 'stages[0].steps': [10, 20] }, when: { seed: { 'stages[0].steps': 10 }, 'stages[0].steps': { seed: 1 } }", "sweep.when.seed", "depends on itself")]
    [InlineData("grid: { seed: [1, 2] }, when: { seed: early }", "sweep.when.seed", "'early' where another key and its values are expected")]
    [InlineData("zip: { seed: [1, 2], 'stages[0].steps': [10, 20], 'stages[1].steps': [10, 20] }, when: { seed: { 'stages[0].steps': 10, 'stages[1].steps': 20 } }", "sweep.when.seed", "at no point of the sweep")]
    [InlineData("grid: { seed: [1, 2], retriever.fusion: [early, score] }, random: { trials: 2, keys: { retriever.temperature: { uniform: [0.03, 0.1] } } }, when: { seed: { retriever.temperature: 0.05 } }", "sweep.when.seed.retriever.temperature", "draws numbers between bounds")]
    [InlineData("grid: { seed: [1, 2] }, limits: {}", "sweep.limits", "neither runs nor device_hours")]
    [InlineData("grid: { seed: [1, 2] }, limits: { runs: 0 }", "sweep.limits.runs", "at least 1")]
    [InlineData("grid: { seed: [1, 2] }, limits: { device_hours: -1 }", "sweep.limits.device_hours", "a number above 0")]
    [InlineData("grid: { seed: [1, 2] }, limits: { hours: 1 }", "sweep.limits.hours", "allowed are runs, device_hours")]
    [InlineData("limits: { runs: 2 }", "sweep.grid", "neither zip nor random")]
    [InlineData("grid: { seed: [1, 2] }, asha: {}", "sweep.asha", "give either min_steps")]
    [InlineData("grid: { seed: [1, 2] }, asha: { min_steps: 5, rungs: [5] }", "sweep.asha", "give either min_steps")]
    [InlineData("grid: { seed: [1, 2] }, asha: { min_steps: 0 }", "sweep.asha.min_steps", "at least 1")]
    [InlineData("grid: { seed: [1, 2] }, asha: { min_steps: 60 }", "sweep.asha.min_steps", "not below 60, the steps of the longest run")]
    [InlineData("grid: { seed: [1, 2] }, asha: { rungs: [5, 5] }", "sweep.asha.rungs", "5 is not above 5; rungs ascend")]
    [InlineData("grid: { seed: [1, 2] }, asha: { rungs: [5, 70] }", "sweep.asha.rungs", "not below 60")]
    [InlineData("grid: { seed: [1, 2] }, asha: { min_steps: 5, reduction: 1 }", "sweep.asha.reduction", "at least 2")]
    [InlineData("grid: { seed: [1, 2] }, asha: { min_steps: 5, metric: recal }", "sweep.asha.metric", "did you mean 'recall'?")]
    public void Should_point_at_the_part_when_it_is_wrong(string sweep, string keyPath, string message)
    {
        var faults = SpecTexts.Parse(SpecTexts.WithSweep(sweep)).Faults;

        var fault = faults.First(fault => fault.KeyPath == keyPath);
        Assert.Contains(message, fault.Message);
        Assert.Equal(16, fault.Line);
    }

    private static SweepExpansion Expand(string sweep) => SweepExpander.Expand(SpecTexts.Spec(SpecTexts.WithSweep(sweep)));
}
