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
        Assert.Equal("goes on with 1 worker in place of 4: makes room for high, whose priority is 1", ClusterSnapshot.Of(state).Runs[0].Reason);

        End("low", new ReplicaOutcome.Stopped(11));
        Assert.Equal((3, 1), (NodesOf("high").Length, NodesOf("low").Length));
        Assert.Equal((2, 0, null), (state.Find("low")!.Generation, state.Find("low")!.FruitlessAttempts, state.Find("low")!.Keeps));
    }

    [Theory]
    [InlineData(0)] // Its turn would be before that of the one that holds more.
    [InlineData(-1)]
    public void Should_BeBackOnWhatItKeepsAtOnce_When_OthersOfNoHigherPriorityWait(int priority)
    {
        Nodes(("b", 1));
        Submit(Order("other", 1, user: "ann"));
        Nodes(("a", 4));
        Submit(Elastic("low", 1, 4) with { User = "ann" });
        Train("low", checkpoint: 10);
        Submit(Order("waits", 1, priority, user: "bob"));
        Submit(Order("high", 3, priority: 1, user: "cy"));

        End("low", new ReplicaOutcome.Stopped(11));

        Assert.Equal(["high", "low", "other"], Placed.Order());
        Assert.Equal((3, 1), (NodesOf("high").Length, NodesOf("low").Length));
        var replayed = journal.Aggregate(ClusterState.Empty(Limits), (cluster, change) => cluster.Apply(change));
        Assert.Equal(state.Runs.Select(run => (run.Name, run.State, run.Generation, run.Keeps)), replayed.Runs.Select(run => (run.Name, run.State, run.Generation, run.Keeps)));
    }

    [Fact]
    public void Should_KeepWhatIsLeftForIt_When_ItIsStillOnItsWayToTheCheckpoint()
    {
        Nodes(("a", 4));
        Submit(Elastic("low", 2, 4));
        Train("low", checkpoint: 10);
        Submit(Order("high", 2, priority: 1), Order("waits", 1, priority: -1));
        var slots = state.Nodes.Nodes["a"].Slots;
        foreach (var ended in (int[])[3, 2, 1]) // One rank after the other.
            Do(state.Nodes.Nodes["a"] with { Slots = [.. slots.Select(slot => slot.Slot >= ended ? Slot("a", slot.Slot, "low", new ReplicaOutcome.Stopped(11)) : Slot("a", slot.Slot))] });

        Assert.Equal(["high", "low"], Placed.Order()); // The slot of rank 1 is free, and nobody else's.
        Report("a", "low", new ReplicaOutcome.Stopped(11));
        Assert.Equal((2, 2, RunState.Queued), (NodesOf("high").Length, NodesOf("low").Length, state.Find("waits")!.State));
    }

    [Fact]
    public void Should_YieldAll_When_WhatIsLeftIsTooLittle()
    {
        Nodes(("a", 4));
        Submit(Elastic("low", 3, 4));
        Train("low", checkpoint: 10);
        Submit(Order("high", 2, priority: 1), Order("waits", 2));
        Assert.Equal("makes room for high, whose priority is 1", ClusterSnapshot.Of(state).Runs[0].Reason);

        End("low", new ReplicaOutcome.Stopped(11));
        Assert.Equal(["high"], Placed); // low was there before the one that waits.
        Assert.Equal((RunState.Preempted, null), (state.Find("low")!.State, state.Find("low")!.Keeps));
    }

    [Fact]
    public void Should_HaveLessOrWait_When_MoreIsTakenByHigherOnesMeanwhile()
    {
        Nodes(("a", 4));
        Submit(Elastic("low", 2, 4));
        Train("low", checkpoint: 10);
        Submit(Order("high", 1, priority: 1), Order("higher", 2, priority: 2));
        Assert.Equal(3, state.Find("low")!.Keeps);

        End("low", new ReplicaOutcome.Stopped(11));
        Assert.Equal(["high", "higher"], Placed.Order());
        Do(new DrainNode("nobody")); // Any other decision: it still waits for two.
        Assert.Equal((RunState.Preempted, 1), (state.Find("low")!.State, state.Find("low")!.Generation));
        End("high");
        Assert.Equal(2, NodesOf("low").Length);
    }

    [Theory]
    [InlineData(1, "low:3")] // The rigid one is newer, but would have to wait.
    [InlineData(3, "low:1")]
    [InlineData(4, "low")] // One run rather than two.
    [InlineData(5, "low:1 rigid")] // One yields all, the other what is still missing.
    [InlineData(6, "low rigid")]
    [InlineData(7, "")]
    public void Should_MakeThoseShrinkThatCanGoOn_When_OthersWouldHaveToWait(int missing, string chosen)
    {
        Nodes(("a", 6));
        Submit(Elastic("low", 1, 4));
        now += TimeSpan.FromMinutes(1);
        Submit(Order("rigid", 2));

        var yields = Preemption.Choose(missing, state.Runs.Placed.Select(run => (run, run.Attempt!.Ranks.Length)));

        Assert.Equal(chosen, string.Join(' ', yields.Select(yield => yield.Keeps is { } keeps ? $"{yield.Run.Name}:{keeps}" : yield.Run.Name).Order()));
    }

    [Fact]
    public void Should_KeepItsSlotsThatAreOfNoUse_When_ItShrinks()
    {
        Nodes(("a", 4));
        Submit(Elastic("low", 1, 4));
        var yield = Assert.Single(Preemption.Choose(2, [(state.Find("low")!, 2)])); // Two of the four have the labels.
        Assert.Equal(2, yield.Keeps);
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
