using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Runs with stages in common: one trains them, the others wait and begin where it ended.</summary>
public sealed class SharedStageTests : ScheduledCluster
{
    private static readonly SharedStage First = new(12, "first"), Second = new(30, "second");

    [Fact]
    public void Should_wait_for_the_run_that_trains_the_stage_and_begin_at_its_end_when_slots_are_free()
    {
        Nodes(("a", 4));
        Submit(Of("one", First), Of("two", First), Of("three", First), Of("other"));
        Assert.Equal(["one", "other"], Placed.Order());
        Assert.Equal("waits for one, which trains a stage for both", ClusterSnapshot.Of(state).Runs[1].Reason);

        Checkpoint("one", 5);
        Assert.Equal(["one", "other"], Placed.Order());
        Checkpoint("one", 12);

        Assert.Equal(["one", "other", "three", "two"], Placed.Order());
        Assert.Equal(new SharedStart("one", "/runs/one", 12), state.Find("two")!.Attempt!.Start);
        Assert.Equal(new SharedStart("one", "/runs/one", 12), OrderOf("two").Start);
        Assert.Null(OrderOf("one").Start);
    }

    [Fact]
    public void Should_begin_there_again_when_the_attempt_dies_before_its_first_checkpoint()
    {
        Nodes(("a", 2));
        Submit(Of("one", First), Of("two", First));
        Checkpoint("one", 20);
        End("two", new ReplicaOutcome.Failed(FailureKind.NodeLost, "a is gone"));

        Assert.Equal((2, 12), (state.Find("two")!.Generation, OrderOf("two").Start!.Step));
        Checkpoint("two", 12);
        End("two", new ReplicaOutcome.Failed(FailureKind.NodeLost, "a is gone"));
        Assert.Equal((3, 12, null), (state.Find("two")!.Generation, OrderOf("two").ResumeStep, OrderOf("two").Start));
    }

    [Fact]
    public void Should_train_it_itself_when_the_run_that_did_is_paused()
    {
        Nodes(("a", 1));
        Submit(Of("one", First), Of("two", First), Of("three", First));
        Do(new StopRuns(["one"]));
        Assert.Equal("waits for one, which trains a stage for both", ClusterSnapshot.Of(state).Runs[1].Reason);
        End("one", new ReplicaOutcome.Stopped(5));

        Assert.Equal(["two"], Placed);
        Assert.Null(state.Find("two")!.Attempt!.Start);
        Assert.Equal("waits for two, which trains a stage for both", ClusterSnapshot.Of(state).Runs[2].Reason);
        Do(new ResumeRuns(["one"])); // It has a checkpoint of its own: it waits for slots alone.
        Assert.Null(ClusterSnapshot.Of(state).Runs[0].Reason);
    }

    [Fact]
    public void Should_wait_on_while_the_run_that_trains_it_recovers()
    {
        Nodes(("a", 2));
        Submit(Of("one", First), Of("two", First));
        for (var crash = 0; crash < 2; crash++)
            End("one", new ReplicaOutcome.Failed(FailureKind.Crashed, "killed"));

        Assert.Equal(RunState.Recovering, state.Find("one")!.State); // To be tried again a little later.
        Assert.Empty(Placed);
    }

    [Fact]
    public void Should_begin_at_the_deepest_common_stage_when_there_are_two()
    {
        Nodes(("a", 6));
        Submit(Of("one", First, Second), Of("two", First, Second), Of("three", First));
        Checkpoint("one", 12);
        Assert.Equal(["one", "three"], Placed.Order()); // two would train the second stage again.
        Checkpoint("one", 30);

        Assert.Equal((30, 12), (state.Find("two")!.Attempt!.Start!.Step, state.Find("three")!.Attempt!.Start!.Step));
    }

    [Fact]
    public void Should_never_wait_in_a_circle_when_stages_are_shared_criss_cross()
    {
        Nodes(("a", 8));
        SharedStage left = new(30, "left"), right = new(30, "right");
        Submit(Of("one", First, left), Of("two", First, right), Of("three", First, left), Of("four", First, right));
        Assert.Equal(["one"], Placed);
        Checkpoint("one", 12);
        Assert.Equal(["one", "two"], Placed.Order());
        Checkpoint("one", 30);
        Checkpoint("two", 30);

        Assert.Equal(("one", "two"), (state.Find("three")!.Attempt!.Start!.Run, state.Find("four")!.Attempt!.Start!.Run));
    }

    [Fact]
    public void Should_let_copies_of_a_stages_end_go_but_one_when_no_run_is_about_to_begin_there()
    {
        Nodes(("a", 3));
        Submit(Of("one", First), Of("two", First), Of("three", First));
        Checkpoint("one", 20);
        Assert.Equal(["one", "one"], ((string[])["two", "three"]).Select(run => state.Find(run)!.Attempt!.Start!.Run));
        Checkpoint("two", 12);
        Checkpoint("three", 12);

        Assert.Null(SlotOf("one").LetGo); // Others may be added, and begin there.
        Assert.Equal([12], SlotOf("two").LetGo!.Value);
        Assert.Equal([12], SlotOf("three").LetGo!.Value);
    }

    [Fact]
    public void Should_keep_a_copy_when_a_run_was_told_to_begin_there_before_another_one_became_the_one_to_begin_at()
    {
        Nodes(("a", 3));
        Submit(Of("one", First), Of("two", First), Of("three", First));
        Do(new StopRuns(["one"]));
        End("one", new ReplicaOutcome.Stopped(0));
        Checkpoint("two", 12);
        Do(new ResumeRuns(["one"]));
        Assert.Equal(["two", "two"], ((string[])["one", "three"]).Select(run => state.Find(run)!.Attempt!.Start!.Run));
        Assert.Null(SlotOf("two").LetGo);

        Checkpoint("one", 12); // From now on this one's copy is begun at; but three has been told another.
        Assert.Null(SlotOf("two").LetGo);
        Checkpoint("three", 12);
        Assert.Equal([12], SlotOf("two").LetGo!.Value);
        Assert.Null(SlotOf("one").LetGo);
    }

    [Fact]
    public void Should_leave_a_run_its_place_among_those_that_share_a_stage_when_it_comes_to_share_another()
    {
        Nodes(("a", 1));
        Submit(Of("one", First), Of("two", First));
        Do(new SubmitRun(Of("one", First, Second)));

        Assert.Equal(["one", "two"], state.Sweeps.SharersOf("first"));
        Assert.Equal(["one"], state.Sweeps.SharersOf("second"));
        Assert.Equal(["one", "two"], state.Sweeps.Find("s")!.Runs);
        Do(new SubmitRun(Of("one", Second)));
        Assert.Equal(["two"], state.Sweeps.SharersOf("first"));
    }

    [Fact]
    public void Should_tell_the_same_when_the_journal_is_replayed()
    {
        Nodes(("a", 4));
        Submit(Of("one", First), Of("two", First));
        Checkpoint("one", 12);

        var replayed = journal.Aggregate(ClusterState.Empty(Limits), (cluster, change) => cluster.Apply(change));

        Assert.Equal(state.Find("two")!.Attempt!.Start, replayed.Find("two")!.Attempt!.Start);
        Assert.Equal(["one", "two"], replayed.Sweeps.SharersOf("first"));
    }

    private static RunOrder Of(string run, params SharedStage[] shared) => Order(run, 1) with { Sweep = "s", Shared = shared.Length == 0 ? null : [.. shared] };

    private ReplicaOrder OrderOf(string run) => SlotOf(run).Order;

    private SlotOrder SlotOf(string run) => NodePlanner.OrdersFor(state, "a", new AttemptSecrets()).Slots.First(order => order.Order.Run == run);

    /// <summary>Its node tells of one more checkpoint, and of nothing else.</summary>
    private void Checkpoint(string run, int step)
    {
        Report("a");
        var slots = state.Nodes.Nodes["a"].Slots.Select(slot => slot.Work?.Run == run ? slot with { Work = slot.Work with { Checkpoint = step } } : slot);
        Do(state.Nodes.Nodes["a"] with { Slots = [.. slots] });
    }
}
