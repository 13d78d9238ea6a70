using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class SweepExpanderTests
{
    [Fact]
    public void Should_be_one_run_named_after_its_fusion_when_there_is_no_sweep()
    {
        var spec = SpecTexts.Spec(SpecTexts.Valid);

        var (runs, notes) = SweepExpander.Expand(spec);

        Assert.Equal([new NamedRun("early", spec)], runs);
        Assert.Empty(notes);
    }

    [Fact]
    public void Should_name_runs_by_their_values_in_order_when_two_keys_are_swept()
    {
        var (runs, notes) = Expand("retriever.fusion: [early, score], seed: [7, 8]");

        Assert.Equal(["early-seed7", "early-seed8", "score-seed7", "score-seed8"], runs.Select(run => run.Name));
        Assert.Equal(
            [(Fusion.Early, 7), (Fusion.Early, 8), (Fusion.Score, 7), (Fusion.Score, 8)],
            runs.Select(run => (run.Spec.Retriever.Fusion, run.Spec.Seed)));
        Assert.All(runs, run => Assert.Null(run.Spec.Sweep));
        Assert.Empty(notes);
    }

    [Fact]
    public void Should_change_one_stage_alone_when_its_index_is_swept()
    {
        var (runs, _) = Expand("'stages[1].learning_rate': [1.0e-4, 1.0e+2]");

        Assert.Equal(["learning_rate1.0e-4", "learning_rate1.0e2"], runs.Select(run => run.Name));
        Assert.Equal([1e-4, 1e2], runs.Select(run => run.Spec.Stages[1].LearningRate));
        Assert.All(runs, run => Assert.Equal(1e-3, run.Spec.Stages[0].LearningRate));
    }

    [Fact]
    public void Should_leave_a_stage_out_when_its_steps_are_swept_to_none()
    {
        var (runs, notes) = Expand("'stages[0].steps': [10, 0], retriever.fusion: [early, score]");

        Assert.Equal(["steps10-early", "steps10-score", "steps0-early", "steps0-score"], runs.Select(run => run.Name));
        Assert.Equal([2, 2, 1, 1], runs.Select(run => run.Spec.Stages.Length));
        Assert.Equal("instruction", Assert.Single(runs[2].Spec.Stages).Name);
        Assert.Empty(notes);
    }

    [Fact]
    public void Should_drop_an_option_and_say_so_when_it_has_no_effect_at_a_point()
    {
        var (runs, notes) = Expand("retriever.fusion: [early, score], retriever.matching: [parameters, flops]");

        Assert.Equal(["early", "score-matchingparameters", "score-matchingflops"], runs.Select(run => run.Name));
        Assert.Null(runs[0].Spec.Retriever.Matching);
        Assert.Equal("early: retriever.matching is dropped; it has no effect with retriever.fusion early, which has one tower.", Assert.Single(notes));
    }

    [Fact]
    public void Should_drop_a_fixed_option_where_it_does_not_apply_when_the_fusion_is_swept()
    {
        var spec = SpecTexts.Spec(SpecTexts.WithGrid(
            "retriever.fusion: [early, feature]", SpecTexts.With("fusion: early", "fusion: early, matching: flops")));

        var (runs, notes) = SweepExpander.Expand(spec);

        Assert.Equal([null, Matching.Flops], runs.Select(run => run.Spec.Retriever.Matching));
        Assert.Single(notes);
    }

    [Fact]
    public void Should_keep_the_first_and_say_so_when_two_values_mean_the_same()
    {
        var (runs, notes) = Expand("'stages[0].learning_rate': [1.0e-3, 0.001]");

        Assert.Equal(["learning_rate1.0e-3"], runs.Select(run => run.Name));
        Assert.Equal("learning_rate0.001: left out; it equals learning_rate1.0e-3.", Assert.Single(notes));
    }

    private static SweepExpansion Expand(string grid) => SweepExpander.Expand(SpecTexts.Spec(SpecTexts.WithGrid(grid)));
}
