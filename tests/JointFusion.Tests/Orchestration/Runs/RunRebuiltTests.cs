using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Where a run stands after its journal was lost, by what its folder holds.</summary>
public sealed class RunRebuiltTests
{
    private static readonly RunOrder Order = new("early", "/runs/early", 1, Sweep: "sweep", Rungs: [20, 40]);

    [Theory]
    [InlineData(null, 0, false, RunState.Queued, 20)] // Nothing yet.
    [InlineData(10, 0, false, RunState.Queued, 20)] // On its way to the first rung.
    [InlineData(20, 1, false, RunState.Held, 40)] // Measured there, and perhaps promoted: that is asked anew.
    [InlineData(30, 1, false, RunState.Queued, 40)] // Promoted.
    [InlineData(40, 2, false, RunState.Held, null)]
    [InlineData(60, 2, true, RunState.Succeeded, null)]
    public void Should_stand_where_its_folder_says(int? checkpoint, int rungs, bool succeeded, RunState state, int? nextRung)
    {
        RungResult[] measured = [new RungResult(20, "recall", 0.4), new RungResult(40, "recall", 0.5)];

        var run = RunRecord.Of(new RunSubmitted("early", Order, Samples.Noon)).Apply(new RunRebuilt("early", 103, checkpoint, succeeded, Samples.Noon, [.. measured.Take(rungs)]));

        Assert.Equal((state, 103, checkpoint, nextRung), (run.State, run.Generation, run.Checkpoint, run.NextRung));
        Assert.Equal(measured.Take(rungs), run.Rungs);
        Assert.Equal(state == RunState.Held, run.IsAtRung);
        Assert.Equal(checkpoint ?? 0, run.FurthestStepBefore);
    }

    [Theory]
    [InlineData(RunState.Paused, RunState.Held)]
    [InlineData(RunState.Cancelled, RunState.Held)]
    [InlineData(RunState.Failed, RunState.Held)]
    public void Should_stay_what_it_was_until_it_is_resumed_when_that_was_noted(RunState state, RunState resumed)
    {
        var run = RunRecord.Of(new RunSubmitted("early", Order, Samples.Noon))
            .Apply(new RunRebuilt("early", 103, 20, false, Samples.Noon, [new RungResult(20, "recall", 0.4)], state, "by ann", TimeSpan.FromHours(2)));

        Assert.Equal((state, "by ann", TimeSpan.FromHours(2)), (run.State, run.Note, run.Used));
        Assert.Equal(resumed, run.Apply(new RunResumed("early", Samples.Noon)).State); // At the rung that it had come to.
    }

    [Fact]
    public void Should_count_the_hours_that_were_noted_towards_the_limit_of_its_sweep()
    {
        IClusterStateEvent[] journal =
        [
            new SweepSubmitted(new SweepOrder("sweep", DeviceHours: 1), Samples.Noon), new RunSubmitted("early", Order, Samples.Noon),
            new RunRebuilt("early", 103, null, false, Samples.Noon, Used: TimeSpan.FromMinutes(59)),
        ];
        var state = journal.Aggregate(ClusterState.Empty(new ClusterLimits()), (cluster, change) => cluster.Apply(change));

        Assert.Equal(TimeSpan.FromMinutes(59), state.Sweeps.Find("sweep")!.Used);
        Assert.Equal(state.Sweeps.Find("sweep")!.Used, state.Find("early")!.Used);
    }

    [Fact]
    public void Should_add_what_each_attempt_has_held_when_it_ends()
    {
        var run = RunRecord.Of(new RunSubmitted("early", Order, Samples.Noon))
            .Apply(new AttemptStarted("early", 1, null, [new("a", 0), new("a", 1)], Samples.Noon))
            .Apply(new RunStopped("early", Samples.Noon.AddMinutes(3)))
            .Apply(new RunResumed("early", Samples.Noon.AddMinutes(4)))
            .Apply(new AttemptStarted("early", 2, null, [new("a", 0)], Samples.Noon.AddMinutes(5)));
        Assert.Equal(TimeSpan.FromMinutes(6), run.Used);
        Assert.Equal(TimeSpan.FromMinutes(7), run.Apply(new RunSucceeded("early", 2, Samples.Noon.AddMinutes(6))).Used);
    }
}
