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
}
