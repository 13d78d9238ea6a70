using JointFusion.Experiments;
using Xunit;

namespace JointFusion.Tests;

/// <summary>A run that begins at another's checkpoint: what may differ, and that its science says so.</summary>
public sealed class ForkPlanTests
{
    private static readonly ExperimentSpec Spec = SpecTexts.Spec(SpecTexts.Valid);
    private static readonly RunPlan Source = Plans.Of(Spec);
    private static readonly StagePlan Last = Source.Stages[^1];

    [Fact]
    public void Should_accept_what_lies_ahead_of_the_checkpoint_When_rate_steps_and_stages_change()
    {
        var longer = Stage(Last.Index, stage => stage with { LearningRate = 3e-4, Steps = stage.Steps + 5 });
        var more = Spec with { Stages = [.. Spec.Stages, Spec.Stages[0] with { Name = "more" }], Seed = 9 };

        Assert.Empty(ForkPlan.Faults(Source, Source.TotalSteps, Plans.Of(longer)));
        Assert.Empty(ForkPlan.Faults(Source, Source.TotalSteps, Plans.Of(more)));
    }

    [Fact]
    public void Should_name_each_key_When_the_checkpoint_has_it_behind_it_or_its_weights_do_not_fit()
    {
        var changed = Stage(0, stage => stage with { LearningRate = 3e-4 });
        changed = changed with { Retriever = changed.Retriever with { Preset = Preset.Tiny, Temperature = 0.5 } };

        var faults = ForkPlan.Faults(Source, Source.TotalSteps, Plans.Of(changed));

        Assert.Equal(["retriever.preset", "retriever.temperature", "stages[0].learning_rate"], faults.Select(fault => fault.KeyPath).Order());
        Assert.Contains(" -> 0.0003: it has no effect", faults.Single(fault => fault.KeyPath.StartsWith("stages", StringComparison.Ordinal)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_refuse_a_stage_that_ends_before_the_checkpoint()
    {
        var shorter = Stage(Last.Index, stage => stage with { Steps = stage.Steps - 1 });

        Assert.Equal($"stages[{Last.Index}].steps", Assert.Single(ForkPlan.Faults(Source, Source.TotalSteps, Plans.Of(shorter))).KeyPath);
    }

    [Fact]
    public void Should_have_hashes_of_its_own_When_it_begins_at_another_checkpoint()
    {
        var forks = new[] { (Step: 1, Ledger: "a"), (Step: 2, Ledger: "a"), (Step: 2, Ledger: "b") }
            .Select(at => ForkPlan.Apply(Source, at.Step, at.Ledger, Source)).Append(Source).ToList();

        Assert.Distinct(forks.Select(plan => plan.ScienceHash));
        Assert.Distinct(forks.Select(plan => plan.PlanHash));
        Assert.Distinct(forks.Select(plan => plan.Stages[^1].LineageHash));
        Assert.Equal(forks[0].ScienceHash, ForkPlan.Again(forks[0], Source).ScienceHash);
        Assert.Equal(["fork.run", "fork.science_hash", "fork.step", "fork.ledger"], PlanScience.Differences(Source, forks[0]).Select(difference => difference.Key));
    }

    private static ExperimentSpec Stage(int index, Func<StageSpec, StageSpec> change) =>
        Spec with { Stages = Spec.Stages.SetItem(index, change(Spec.Stages[index])) };
}
