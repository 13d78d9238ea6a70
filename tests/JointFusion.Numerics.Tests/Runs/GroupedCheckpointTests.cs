using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>A checkpoint of a stage that freezes some parameters, and a fork that trains them.</summary>
public sealed class GroupedCheckpointTests : IDisposable
{
    private const int Saved = TrainedRun.Steps + 1;

    private readonly TrainedRun run = new(Fusion.Early);
    private readonly IProcessGroup alone = LocalProcessGroup.Create(1)[0];

    public void Dispose() => run.Dispose();

    [Fact]
    public void Should_BeginTheirMomentsAtZeroAndSaySo_When_AForkTrainsWhatWasFrozen()
    {
        SaveWithFrozenText();
        var events = new RecordedEvents(_ => { });
        var fork = run.Plan with { Fork = new ForkPlan("source", "0123", Saved, "") };
        using var state = new TrainingState(fork, CPU, alone);
        using var checkpoints = new RunCheckpoints(fork, run.Folder, generation: 3, alone, events);
        checkpoints.Restore(state, Saved);

        Assert.All(state.Parameters.Parts, part =>
        {
            var isNew = part.Name.StartsWith("encoder.text.", StringComparison.Ordinal);
            Assert.Equal(isNew ? 0 : 2, part.Of(state.Optimizer.Own.FirstMoment).max().item<float>());
            Assert.Equal(isNew ? 0 : 3, part.Of(state.Optimizer.Own.SecondMoment).min().item<float>());
        });
        Assert.Contains("no moments of 2 parameters", Assert.Single(events.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Should_Refuse_When_MomentsAreMissingAndThereIsNoFork()
    {
        SaveWithFrozenText();
        using var state = new TrainingState(run.Plan, CPU, alone);
        using var checkpoints = new RunCheckpoints(run.Plan, run.Folder, generation: 3, alone, new RecordedEvents(_ => { }));
        Assert.Contains("first_moment.encoder.text", Assert.ThrowsAny<Exception>(() => checkpoints.Restore(state, Saved)).Message, StringComparison.Ordinal);
    }

    /// <summary>The forked one trained everything; what the fork freezes needs no moments.</summary>
    [Fact]
    public void Should_TakeTheMomentsOfTheRest_When_AForkFreezesWhatWasTrained()
    {
        var fork = WithFrozenText(run.Plan) with { Fork = new ForkPlan("source", "0123", TrainedRun.Steps, "") };
        var events = new RecordedEvents(_ => { });
        using var state = new TrainingState(fork, CPU, alone);
        using var checkpoints = new RunCheckpoints(fork, run.Folder, generation: 2, alone, events);
        checkpoints.Restore(state, TrainedRun.Steps);

        Assert.Empty(events.Warnings);
        var before = run.State.Parameters.Parts.ToDictionary(part => part.Name, part => part.Of(run.State.Optimizer.Own.FirstMoment));
        Assert.Equal(before.Count - 2, state.Parameters.Parts.Length);
        Assert.All(state.Parameters.Parts, part => Assert.True(before[part.Name].eq(part.Of(state.Optimizer.Own.FirstMoment)).all().item<bool>(), part.Name));
    }

    private void SaveWithFrozenText()
    {
        var plan = WithFrozenText(run.Plan);
        using var state = new TrainingState(plan, CPU, alone);
        using (no_grad())
        {
            state.Optimizer.Own.FirstMoment.fill_(2.0);
            state.Optimizer.Own.SecondMoment.fill_(3.0);
        }
        state.Step = Saved;
        using var checkpoints = new RunCheckpoints(plan, run.Folder, generation: 2, alone, new RecordedEvents(_ => { }));
        checkpoints.Save(state, plan.Stages[0]);
        checkpoints.Flush();
    }

    private static RunPlan WithFrozenText(RunPlan plan) => plan with
    {
        Stages = [plan.Stages[0] with { Spec = plan.Stages[0].Spec with { Parameters = [new ParameterRule { Match = "encoder.text.*", Frozen = true }] } }],
    };
}
