using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

public sealed class SweepPlannerTests
{
    [Fact]
    public void Should_find_the_stages_that_runs_train_alike_when_a_later_one_is_swept()
    {
        var plans = Plan("grid: { retriever.fusion: [early, score], 'stages[1].learning_rate': [1.0e-3, 5.0e-4] }");

        Assert.All(plans, plan => Assert.Equal([20], plan.Shared!.Value.Select(stage => stage.Step)));
        Assert.Equal(plans[0].Shared!.Value, plans[1].Shared!.Value);
        Assert.Equal(plans[2].Shared!.Value, plans[3].Shared!.Value);
        Assert.NotEqual(plans[0].Shared!.Value[0].Key, plans[2].Shared!.Value[0].Key);
    }

    [Theory]
    [InlineData("grid: { seed: [1, 2] }")]
    [InlineData("grid: { 'stages[0].steps': [20, 30] }")]
    [InlineData("grid: { resources.workers: [1, 2] }")] // Equal in science, and not to the bit.
    public void Should_find_none_when_runs_differ_from_the_start(string sweep) => Assert.All(Plan(sweep), plan => Assert.Null(plan.Shared));

    [Fact]
    public void Should_have_rungs_before_the_end_alone_and_none_where_runs_are_alike()
    {
        var alone = Plan("grid: { seed: [1, 2] }, asha: { min_steps: 3, reduction: 3 }");
        var alike = Plan("grid: { 'stages[1].learning_rate': [1.0e-3, 5.0e-4] }, asha: { rungs: [5, 20, 30, 59], metric: true_recall, reduction: 2 }, limits: { device_hours: 1.5 }");

        Assert.All(alone, plan => Assert.Equal(new SweepPlan(new AshaPlan(SweepMetric.Recall, [3, 9, 27], 3)), plan.Sweep));
        Assert.All(alike, plan => Assert.Equal(new SweepPlan(new AshaPlan(SweepMetric.TrueRecall, [30, 59], 2), 1.5), plan.Sweep));
    }

    [Fact]
    public void Should_change_no_hash_when_a_sweep_ends_runs_early()
    {
        var plain = Plan("grid: { seed: [1, 2] }");
        var early = Plan("grid: { seed: [1, 2] }, asha: { min_steps: 3 }, limits: { device_hours: 1, runs: 5 }");

        Assert.Equal(plain.Select(plan => (plan.ScienceHash, plan.PlanHash)), early.Select(plan => (plan.ScienceHash, plan.PlanHash)));
    }

    [Fact]
    public void Should_refuse_rungs_when_the_data_have_no_validation_split()
    {
        var spec = SpecTexts.Spec(SpecTexts.WithSweep("grid: { seed: [1, 2] }, asha: { min_steps: 3 }"));

        var fault = Assert.Single(SweepPlanner.Faults(spec.Sweep, SweepExpander.Expand(spec).Runs[0], Plans.Data));

        Assert.Equal("run seed1: sweep.asha: runs are measured on the split 'val', which the data set does not have; it has test, unseen", fault.ToString());
    }

    private static IReadOnlyList<RunPlan> Plan(string sweep)
    {
        var spec = SpecTexts.Spec(SpecTexts.WithSweep(sweep));
        return SweepPlanner.Plan(spec.Sweep!, [.. SweepExpander.Expand(spec).Runs.Select(run => Plans.Of(run.Spec, run: run.Name))]);
    }
}
