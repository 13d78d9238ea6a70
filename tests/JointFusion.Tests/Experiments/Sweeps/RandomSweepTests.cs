using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class RandomSweepTests
{
    private const string Keys = "'stages[0].learning_rate': { log_uniform: [1.0e-4, 3.0e-3] }, retriever.temperature: { uniform: [0.03, 0.1] }, retriever.fusion: { choice: [early, score] }";

    [Fact]
    public void Should_draw_within_the_bounds_and_name_runs_by_trial_when_keys_are_random()
    {
        var runs = Expand("random: { trials: 40, seed: 7, keys: { " + Keys + " } }").Runs;

        Assert.Equal(Enumerable.Range(1, 40).Select(trial => $"trial{trial}"), runs.Select(run => run.Name));
        Assert.All(runs, run => Assert.InRange(run.Spec.Stages[0].LearningRate, 1e-4, 3e-3));
        Assert.All(runs, run => Assert.InRange(run.Spec.Retriever.Temperature, 0.03, 0.1));
        Assert.Equal([Fusion.Early, Fusion.Score], runs.Select(run => run.Spec.Retriever.Fusion).Distinct().Order());
        // Half of the decades lie below their middle, 5.5e-4; of a uniform draw a sixth would.
        Assert.InRange(runs.Count(run => run.Spec.Stages[0].LearningRate < 5.5e-4), 13, 27);
    }

    [Fact]
    public void Should_keep_every_earlier_run_when_trials_keys_or_the_grid_grow()
    {
        var before = Expand("random: { trials: 5, seed: 7, keys: { " + Keys + " } }").Runs;

        var more = Expand("random: { trials: 9, seed: 7, keys: { " + Keys + " } }").Runs;
        var wider = Expand("random: { trials: 5, seed: 7, keys: { seed: { uniform: [1, 1000] }, " + Keys + " } }").Runs;

        Assert.Equal(before.Select(Drawn), more.Take(5).Select(Drawn));
        Assert.Equal(before.Select(Drawn), wider.Select(Drawn));
        Assert.NotEqual(before.Select(Drawn), Expand("random: { trials: 5, seed: 8, keys: { " + Keys + " } }").Runs.Select(Drawn));
        Assert.Equal(wider.Length, wider.Select(run => run.Spec.Seed).Distinct().Count());
    }

    [Fact]
    public void Should_draw_these_very_values_when_the_seed_is_7()
    {
        var runs = Expand("random: { trials: 2, seed: 7, keys: { " + Keys + " } }").Runs;

        // Worked out in Python from the hash's definition: a change here makes other runs of what users have trained.
        Assert.Equal(["0.0002688", "0.00106"], runs.Select(run => run.Swept[0].Text));
        Assert.Equal(["0.0955", "0.06107"], runs.Select(run => run.Swept[1].Text));
    }

    [Fact]
    public void Should_draw_whole_numbers_within_the_bounds_when_the_key_is_one()
    {
        var steps = Expand("random: { trials: 60, keys: { 'stages[1].steps': { log_uniform: [10, 12] }, seed: { uniform: [3, 4] } } }").Runs;

        Assert.Equal([10, 11, 12], steps.Select(run => run.Spec.Stages[1].Steps).Distinct().Order());
        Assert.Equal([3, 4], steps.Select(run => run.Spec.Seed).Distinct().Order());
    }

    [Fact]
    public void Should_give_each_trial_the_same_values_at_every_point_when_there_is_a_grid_too()
    {
        var runs = Expand("grid: { seed: [1, 2] }, random: { trials: 2, keys: { retriever.temperature: { uniform: [0.03, 0.1] } } }").Runs;

        Assert.Equal(["seed1-trial1", "seed2-trial1", "seed1-trial2", "seed2-trial2"], runs.Select(run => run.Name));
        Assert.Equal(runs[0].Spec.Retriever.Temperature, runs[1].Spec.Retriever.Temperature);
        Assert.NotEqual(runs[0].Spec.Retriever.Temperature, runs[2].Spec.Retriever.Temperature);
    }

    [Fact]
    public void Should_leave_the_last_trials_out_and_say_so_when_there_is_a_limit()
    {
        var (runs, notes) = Expand("grid: { seed: [1, 2] }, random: { trials: 3, keys: { retriever.temperature: { uniform: [0.03, 0.1] } } }, limits: { runs: 3 }");

        Assert.Equal(["seed1-trial1", "seed2-trial1", "seed1-trial2"], runs.Select(run => run.Name));
        Assert.Equal("3 of 6 runs are left out, from seed2-trial2 on; sweep.limits.runs is 3.", Assert.Single(notes));
    }

    [Theory]
    [InlineData("trials: 0, keys: { seed: { uniform: [1, 2] } }", "sweep.random.trials", "at least 1")]
    [InlineData("trials: 2, seed: -1, keys: { seed: { uniform: [1, 2] } }", "sweep.random.seed", "at least 0")]
    [InlineData("trials: 2, keys: {}", "sweep.random.keys", "an empty mapping")]
    [InlineData("keys: { seed: { uniform: [1, 2] } }", "sweep.random.trials", "missing")]
    [InlineData("trials: 2, keys: { sede: { uniform: [1, 2] } }", "sweep.random.keys.sede", "did you mean 'seed'?")]
    [InlineData("trials: 2, keys: { seed: [1, 2] }", "sweep.random.keys.seed", "a list where one of uniform, log_uniform, choice")]
    [InlineData("trials: 2, keys: { seed: { unifrom: [1, 2] } }", "sweep.random.keys.seed", "did you mean 'uniform'?")]
    [InlineData("trials: 2, keys: { seed: { uniform: [1, 2, 3] } }", "sweep.random.keys.seed.uniform", "3 values where two are expected")]
    [InlineData("trials: 2, keys: { seed: { uniform: [2, 1] } }", "sweep.random.keys.seed.uniform", "2 is not below 1")]
    [InlineData("trials: 2, keys: { seed: { uniform: [1, two] } }", "sweep.random.keys.seed.uniform", "'two' is not a whole number")]
    [InlineData("trials: 2, keys: { retriever.temperature: { log_uniform: [0, 1] } }", "sweep.random.keys.retriever.temperature.log_uniform", "bounds above 0")]
    [InlineData("trials: 2, keys: { retriever.fusion: { uniform: [early, score] } }", "sweep.random.keys.retriever.fusion.uniform", "write { choice: [...] }")]
    [InlineData("trials: 2, keys: { retriever.temperature: { uniform: [0.001, 0.002] } }", "sweep.random.keys.retriever.temperature.uniform", "is below retriever.minimum_temperature")]
    [InlineData("trials: 1001, keys: { seed: { uniform: [1, 5000] } }", "sweep.grid", "at most 1000")]
    public void Should_point_at_the_draw_when_it_is_wrong(string random, string keyPath, string message)
    {
        var faults = SpecTexts.Parse(SpecTexts.WithSweep($"random: {{ {random} }}")).Faults;

        var fault = faults.First(fault => fault.KeyPath == keyPath);
        Assert.Contains(message, fault.Message);
        Assert.Equal(16, fault.Line);
    }

    private static string Drawn(NamedRun run) => $"{run.Name}: {string.Join(", ", run.Swept.Where(value => value.KeyPath != "seed").Select(value => $"{value.KeyPath} {value.Text}"))}";

    private static SweepExpansion Expand(string sweep) => SweepExpander.Expand(SpecTexts.Spec(SpecTexts.WithSweep(sweep)));
}
