using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Runs that take as many slots as there are, go on with fewer, and come to more at a checkpoint.</summary>
public sealed class ElasticRunTests : ScheduledCluster
{
    [Fact]
    public void Should_StartWithAsManyAsThereAre_When_NotAllAreFree()
    {
        Nodes(("a", 1));
        Submit(Elastic("run", 2, 4));
        Assert.Equal((RunState.Queued, "waits for 2 workers; the cluster has 1"), (state.Find("run")!.State, ClusterSnapshot.Of(state).Runs[0].Reason));

        Nodes(("b", 2));
        Assert.Equal(["a", "b", "b"], NodesOf("run"));
        Assert.All(NodePlanner.OrdersFor(state, "b", new AttemptSecrets()).Slots, slot => Assert.Equal(3, slot.Order.WorldSize));
    }

    [Fact]
    public void Should_GoOnWithWhatIsLeft_When_ANodeIsLost()
    {
        Nodes(("a", 2), ("b", 2));
        Submit(Elastic("run", 2, 4));
        Train("run", checkpoint: 10);

        Do(new LoseNode("b"));
        Report("a", "run", new ReplicaOutcome.Failed(FailureKind.PeerLost, "b hung up"));

        Assert.Equal(["a", "a"], NodesOf("run"));
        Assert.Equal((2, 10, 0), (state.Find("run")!.Generation, state.Find("run")!.Attempt!.ResumeStep, state.Find("run")!.FruitlessAttempts));
    }

    [Fact]
    public void Should_WaitForItsWorkerThatIsBeingStarted_When_ItCrashed()
    {
        Nodes(("a", 2));
        Submit(Elastic("run", 1, 2));
        var crashed = Slot("a", 1, "run", new ReplicaOutcome.Failed(FailureKind.Crashed, "killed")) with { Pid = null, IsReady = false };
        Do(new NodeReport("a", [Slot("a", 0, "run", new ReplicaOutcome.Failed(FailureKind.PeerLost, "hung up")), crashed]));
        Assert.Equal((RunState.Recovering, null), (state.Find("run")!.State, state.Find("run")!.Attempt));

        Report("a");
        Assert.Equal(["a", "a"], NodesOf("run"));
    }

    [Fact]
    public void Should_NotWaitForAWorker_When_OneBeforeItDiedWithoutAHello()
    {
        Nodes(("a", 2));
        Do(state.Nodes.Nodes["a"] with { Slots = [Slot("a", 0), Slot("a", 1) with { Pid = null, IsReady = false, FailedStarts = 1 }] });
        Submit(Elastic("run", 1, 2));
        Assert.Equal(["a"], NodesOf("run"));
    }

    [Fact]
    public void Should_ComeToMoreAtACheckpoint_When_SlotsAreFreeAndNobodyWaits()
    {
        Nodes(("a", 2));
        Submit(Elastic("run", 1, 4));
        Train("run", checkpoint: null);
        Nodes(("b", 3));
        Assert.Empty(Yielding); // Not before it has a checkpoint to show for this attempt.

        Train("run", checkpoint: 10);
        Assert.Equal(["run"], Yielding);
        Assert.Equal(("goes on with 4 workers in place of 2", Ending.Stop), (ClusterSnapshot.Of(state).Runs[0].Reason, EndingOf("run")));

        End("run", new ReplicaOutcome.Stopped(12));
        Assert.Equal(["a", "a", "b", "b"], NodesOf("run"));
        Assert.Equal((2, 0, null), (state.Find("run")!.Generation, state.Find("run")!.FruitlessAttempts, state.Find("run")!.Failure));
    }

    [Fact]
    public void Should_NotGrow_When_ItHasAllOrAnotherRunWaits()
    {
        Nodes(("a", 2));
        Submit(Elastic("run", 1, 2), Order("waits", 4));
        Nodes(("b", 2));
        Train("run", checkpoint: 10);
        Assert.Empty(Yielding); // It has all that it may have.

        Submit(Elastic("wide", 3, 4));
        Do(new SubmitRun(Elastic("run", 1, 4))); // Its user wants more for it from now on.
        Train("run", checkpoint: 20);
        Assert.Empty(Yielding); // Two free slots, but others wait for them.
    }

    [Fact]
    public void Should_GrowOneAfterTheOther_When_TwoCould()
    {
        Nodes(("a", 2));
        Do(new DrainNode("a"));
        Nodes(("b", 1), ("c", 1));
        Submit(Elastic("second", 1, 1), Elastic("third", 1, 1));
        Do(new SubmitRun(Elastic("second", 1, 3)));
        Do(new SubmitRun(Elastic("third", 1, 3)));
        Train("second", checkpoint: 10);
        Train("third", checkpoint: 10);
        Do(new UndrainNode("a"));
        Assert.Equal(["second"], Yielding);

        End("second", new ReplicaOutcome.Stopped(11));
        Assert.Equal(3, NodesOf("second").Length);
        Assert.Empty(Yielding);
    }

    [Fact]
    public void Should_ComeBackWithWhatIsLeft_When_AHigherRunTookItsSlots()
    {
        Nodes(("a", 4));
        Submit(Elastic("low", 1, 4));
        Train("low", checkpoint: 10);
        Submit(Order("high", 3, priority: 1));
        Assert.Equal(["low"], Yielding);

        End("low", new ReplicaOutcome.Stopped(11));
        Assert.Equal((3, 1), (NodesOf("high").Length, NodesOf("low").Length));
    }

    private static RunOrder Elastic(string run, int fewest, int most) => Order(run, most) with { MinWorkers = fewest };

    /// <summary>Takes a step, and has a checkpoint on disk.</summary>
    private void Train(string run, int? checkpoint)
    {
        foreach (var node in NodesOf(run).Distinct().ToList())
            Report(node);
        Do(new StepReport(Samples.Metrics(run, state.Find(run)!.Generation, (checkpoint ?? 0) + 1)));
        var first = NodesOf(run)[0];
        Do(state.Nodes.Nodes[first] with { Slots = [.. state.Nodes.Nodes[first].Slots.Select(slot => slot with { Work = slot.Work is { } work && work.Run == run ? work with { Checkpoint = checkpoint } : slot.Work })] });
    }
}
