using JointFusion.Experiments;
using JointFusion.Training;
using Xunit;
using static TorchSharp.torch;

namespace JointFusion.Numerics.Tests;

/// <summary>A checkpoint of ranks that hold a part of the optimizer's state each: whole, or not taken by any.</summary>
public sealed class ShardedCheckpointTests : IDisposable
{
    private const int Ranks = 3, Missed = TrainedRun.Steps + 1, Saved = TrainedRun.Steps + 2;

    private readonly TrainedRun run = new(Fusion.Early);

    public void Dispose() => run.Dispose();

    [Fact]
    public void Should_TakeNoneAndThenAWholeOne_When_RankZeroAloneCannotWriteItsMetrics()
    {
        var events = new RecordedEvents(_ => { });
        RankThreads.Run(Ranks, group =>
        {
            using var state = State(group);
            using (no_grad())
            {
                state.Optimizer.Own.FirstMoment.fill_((double)(group.Rank + 1));
                state.Optimizer.Own.SecondMoment.fill_((double)(group.Rank + 11));
            }
            using var checkpoints = new RunCheckpoints(run.Plan, run.Folder, generation: 2, group, events);
            state.Step = Missed;
            checkpoints.Save(state, run.Plan.Stages[0], group.Rank == 0 ? new IOException("No space left on device") : null);
            state.Step = Saved;
            checkpoints.Save(state, run.Plan.Stages[0]);
            checkpoints.Flush();
        });

        Assert.Contains($"step {Missed} ", Assert.Single(events.Warnings), StringComparison.Ordinal);
        Assert.Equal([Saved], events.Checkpoints);
        RankThreads.Run(1, alone =>
        {
            using var state = State(alone); // a part on one device is the whole
            using var checkpoints = new RunCheckpoints(run.Plan, run.Folder, generation: 3, alone, events);
            checkpoints.Restore(state, Saved);
            AssertParts([1, 2, 3], state.Parameters, state.Optimizer.Own.FirstMoment);
            AssertParts([11, 12, 13], state.Parameters, state.Optimizer.Own.SecondMoment);
        });
    }

    private TrainingState State(IProcessGroup group) =>
        new(run.Plan with { Resources = run.Plan.Resources with { Workers = Ranks, ShardOptimizer = true } }, CPU, group);

    private static void AssertParts(float[] values, FlatParameters parameters, Tensor moment)
    {
        var expected = tensor(values.SelectMany((value, rank) => Enumerable.Repeat(value, Data.Share.Of(rank, Ranks, (int)parameters.Total).Count)).ToArray());
        Assert.All(parameters.Parts, part => Assert.True(part.Of(expected).eq(part.Of(moment)).all().item<bool>(), part.Name)); // between them there is nothing to keep
    }
}
