using System.Collections.Immutable;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class ClusterStateTests
{
    private static readonly AttemptSecrets Secrets = new();
    private readonly List<IJournalEvent> journal = [];

    [Fact]
    public void Should_place_whole_gangs_in_submission_order_when_slots_are_free()
    {
        var state = Cluster(4, ("wide", 3), ("second", 2), ("narrow", 1));

        Assert.Equal([RunState.Placing, RunState.Queued, RunState.Queued], state.Runs.Select(run => run.State));
        Assert.Equal([0, 1, 2], state.Runs[0].Attempt!.Ranks.Select(rank => rank.Slot.Slot));
    }

    [Fact]
    public void Should_let_others_pass_when_a_run_is_wider_than_the_cluster()
    {
        var state = Cluster(2, ("huge", 3), ("fits", 2));

        Assert.Equal([RunState.Queued, RunState.Placing], state.Runs.Select(run => run.State));
        Assert.Equal("waits for 3 workers; the cluster has 2", ClusterSnapshot.Of(state).Runs[0].Reason);
    }

    [Fact]
    public void Should_hand_slots_on_in_the_same_step_when_a_run_ends()
    {
        var state = Cluster(1, ("first", 1), ("second", 1));
        state = Do(state, Report(Work("first", 1, new ReplicaOutcome.Succeeded())));

        Assert.Equal([RunState.Succeeded, RunState.Placing], state.Runs.Select(run => run.State));
        Assert.Equal("second", Assert.Single(NodePlanner.OrdersFor(state, "a", Secrets).Slots).Order.Run);
    }

    [Fact]
    public void Should_wait_for_the_worker_when_its_slot_is_not_ready()
    {
        var state = Do(Do(Empty, new SubmitRun(ClusterFixture.Order("early", 1))), new NodeReport("a", [Slot(0, null) with { IsReady = false }]));
        Assert.Equal(RunState.Queued, state.Runs[0].State);
        Assert.Equal(RunState.Placing, Do(state, Report(Slot(0, null))).Runs[0].State);
    }

    [Fact]
    public void Should_order_begin_only_when_every_rank_listens()
    {
        var state = Cluster(2, ("early", 2));
        state = Do(state, Report(Work("early", 1, null, slot: 0, endpoint: "h:1"), Work("early", 1, null, slot: 1)));
        Assert.All(NodePlanner.OrdersFor(state, "a", Secrets).Slots, order => Assert.Null(order.Assignment));

        state = Do(state, Report(Work("early", 1, null, slot: 0, endpoint: "h:1"), Work("early", 1, null, slot: 1, endpoint: "h:2")));
        var orders = NodePlanner.OrdersFor(state, "a", Secrets).Slots;
        Assert.All(orders, order => Assert.Equal(["h:1", "h:2"], order.Assignment!.Endpoints));
        Assert.Equal(2, orders.Select(order => order.Assignment!.Rank).Distinct().Count());
    }

    [Fact]
    public void Should_name_the_journalled_checkpoint_to_every_rank_when_it_is_taken()
    {
        var state = Cluster(2, ("early", 2));
        Assert.All(NodePlanner.OrdersFor(state, "a", Secrets).Slots, order => Assert.Null(order.Journalled));
        state = Do(state, Report(Work("early", 1, null, slot: 0, checkpoint: 60), Work("early", 1, null, slot: 1)));
        Assert.Equal([60, 60], NodePlanner.OrdersFor(state, "a", Secrets).Slots.Select(order => order.Journalled));
    }

    [Fact]
    public void Should_recover_when_a_node_is_lost_and_start_again_when_it_is_back()
    {
        var state = Cluster(2, ("early", 2));
        state = Do(state, Report(Work("early", 1, null, slot: 0), Work("early", 1, null, slot: 1)));
        state = Do(state, new LoseNode("a"));
        Assert.Equal(RunState.Recovering, state.Runs[0].State);
        Assert.Equal("rank 0, while training, node lost: a is gone from the cluster", state.Runs[0].Failure!.ToString());

        state = Do(state, Report(Slot(0, null), Slot(1, null)));
        Assert.Equal((RunState.Placing, 2), (state.Runs[0].State, state.Runs[0].Generation));
    }

    [Fact]
    public void Should_let_others_pass_and_name_the_time_when_a_run_waits_after_failures()
    {
        var state = Cluster(1, ("broken", 1), ("sound", 1));
        foreach (var generation in new[] { 1, 2 })
            state = Do(state, Report(Work("broken", generation, new ReplicaOutcome.Failed(FailureKind.Crashed, "x"))));

        Assert.Equal([RunState.Recovering, RunState.Placing], state.Runs.Select(run => run.State));
        Assert.Equal(Samples.Noon + TimeSpan.FromSeconds(1), state.NextMoment(Samples.Noon));
        Assert.Null(state.NextMoment(Samples.Noon + TimeSpan.FromSeconds(1)));

        state = Do(state, Report(Work("sound", 1, new ReplicaOutcome.Succeeded())));
        Assert.Equal(RunState.Recovering, state.Runs[0].State);
        Assert.Equal(RunState.Placing, Do(state, new Reconsider(), Samples.Noon + TimeSpan.FromSeconds(1)).Runs[0].State);
    }

    [Fact]
    public void Should_take_a_rank_for_lost_when_its_node_forgot_it()
    {
        var state = Do(Cluster(1, ("early", 1)), Report(Work("early", 1, null)));
        state = Do(state, Report(Slot(0, null)));
        Assert.Equal((RunState.Placing, 2), (state.Runs[0].State, state.Runs[0].Generation));
    }

    [Fact]
    public void Should_not_take_a_rank_for_lost_when_the_order_has_not_reached_its_node()
    {
        var state = Do(Cluster(1, ("early", 1)), Report(Slot(0, null)));
        Assert.Equal((RunState.Placing, 1), (state.Runs[0].State, state.Runs[0].Generation));
    }

    [Fact]
    public void Should_order_survivors_to_abort_when_a_rank_failed()
    {
        var state = Cluster(2, ("early", 2));
        state = Do(state, Report(Work("early", 1, new ReplicaOutcome.Failed(FailureKind.Crashed, "x"), slot: 0), Work("early", 1, null, slot: 1)));
        var order = Assert.Single(NodePlanner.OrdersFor(state, "a", Secrets).Slots);
        Assert.Equal((1, Ending.Abort), (order.Slot, order.Ending));
    }

    [Fact]
    public void Should_keep_runs_and_checkpoints_when_the_journal_is_replayed()
    {
        var live = Empty;
        foreach (var command in new ClusterCommand[]
        {
            new SubmitRun(ClusterFixture.Order("done", 1)), new SubmitRun(ClusterFixture.Order("half", 1)), Report(Slot(0, null)),
            Report(Work("done", 1, new ReplicaOutcome.Succeeded())), Report(Work("half", 1, null, checkpoint: 60)),
        })
            live = Do(live, command);

        var replayed = Restarted();
        Assert.Equal([("done", RunState.Succeeded, 1, null), ("half", RunState.Starting, 1, 60)],
            replayed.Runs.Select(run => (run.Name, run.State, run.Generation, run.Checkpoint)));
        var again = Do(replayed, Report(Slot(0, null)));
        Assert.Equal((RunState.Placing, 2, 60), (again.Runs[1].State, again.Runs[1].Generation, again.Runs[1].Attempt!.ResumeStep));
    }

    [Fact]
    public void Should_leave_an_attempt_alone_when_its_node_still_has_it_after_the_coordinators_restart()
    {
        Cluster(1, ("early", 1));
        var state = Restarted();
        state = Do(state, Report(Work("early", 1, null, endpoint: "h:1", checkpoint: 60)));
        Assert.Equal((RunState.Starting, 1, 60), (state.Runs[0].State, state.Runs[0].Generation, state.Runs[0].Checkpoint));
        Assert.Equal(state, Do(state, new LoseUnheardNodes()));

        var order = Assert.Single(NodePlanner.OrdersFor(state, "a", Secrets).Slots);
        Assert.Equal((1, Ending.None, 60), (order.Order.Generation, order.Ending, order.Journalled));
    }

    [Fact]
    public void Should_begin_anew_and_blame_nobody_when_a_node_forgot_the_attempt_while_the_coordinator_was_away()
    {
        Cluster(1, ("early", 1));
        var state = Do(Restarted(), Report(Slot(0, null)));
        Assert.Equal((RunState.Placing, 2, 0), (state.Runs[0].State, state.Runs[0].Generation, state.Runs[0].FruitlessAttempts));
        Assert.Equal("rank 0, node lost: its worker on a ended while the coordinator was away", state.Runs[0].Failure!.ToString());
        Assert.NotNull(ClusterSnapshot.Of(state).Runs[0].Reason);
        Assert.Null(ClusterSnapshot.Of(Do(state, new StopRuns(["early"]))).Runs[0].Reason);
    }

    [Fact]
    public void Should_place_runs_elsewhere_when_their_node_does_not_come_back_after_the_coordinators_restart()
    {
        Cluster(1, ("early", 1));
        var state = Restarted();
        state = Do(state, Report(Slot(0, null)) with { Node = "b" });
        Assert.Equal("a", state.Runs[0].Attempt!.Ranks[0].Slot.Node);
        state = Do(state, new LoseUnheardNodes());
        Assert.Equal((2, "b"), (state.Runs[0].Generation, state.Runs[0].Attempt!.Ranks[0].Slot.Node));
        Assert.Equal("rank 0, node lost: a was not heard of after the coordinator's restart", state.Runs[0].Failure!.ToString());
    }

    [Fact]
    public void Should_keep_what_broke_an_attempt_when_the_coordinator_restarts_before_its_survivors_have_ended()
    {
        var state = Cluster(2, ("early", 2));
        var crash = new ReplicaOutcome.Failed(FailureKind.Crashed, "x");
        Do(state, Report(Work("early", 1, crash, slot: 0), Work("early", 1, null, slot: 1)));
        state = Do(Restarted(), Report(Slot(0, null), Work("early", 1, null, slot: 1)));
        var order = Assert.Single(NodePlanner.OrdersFor(state, "a", Secrets).Slots);
        Assert.Equal((1, Ending.Abort), (order.Slot, order.Ending));
        state = Do(state, Report(Slot(0, null), Work("early", 1, new ReplicaOutcome.Stopped(0), slot: 1)));
        Assert.Equal((2, FailureKind.Crashed, 0), (state.Runs[0].Generation, state.Runs[0].Failure!.Kind, state.Runs[0].Failure!.Rank));
    }

    [Fact]
    public void Should_derive_one_secret_for_an_attempt_and_others_for_others()
    {
        Assert.Equal(Secrets.Of("early", 1), Secrets.Of("early", 1));
        Assert.Equal(4, new[] { Secrets.Of("early", 1), Secrets.Of("early", 2), Secrets.Of("score", 1), new AttemptSecrets().Of("early", 1) }.Distinct().Count());
    }

    private static ClusterState Empty => ClusterState.Empty(new ClusterLimits());

    private ClusterState Cluster(int slots, params (string Run, int Workers)[] runs)
    {
        var state = runs.Aggregate(Empty, (cluster, run) => Do(cluster, new SubmitRun(ClusterFixture.Order(run.Run, run.Workers))));
        return Do(state, Report([.. Enumerable.Range(0, slots).Select(slot => Slot(slot, null))]));
    }

    private ClusterState Do(ClusterState state, ClusterCommand command, DateTimeOffset? now = null)
    {
        var events = state.Process(command, now ?? Samples.Noon);
        journal.AddRange(events.OfType<IJournalEvent>());
        return events.Aggregate(state, (cluster, change) => cluster.Apply(change));
    }

    /// <summary>As its journal alone tells it, its attempts awaited.</summary>
    private ClusterState Restarted() => Do(journal.Aggregate(Empty, (state, change) => state.Apply(change)), new AdoptAttempts());

    private static NodeReport Report(params ImmutableArray<SlotReport> slots) => new("a", slots);

    private static SlotReport Slot(int slot, SlotWork? work) => new(slot, 100 + slot, true, 0, work, null);

    private static SlotReport Work(string run, int generation, ReplicaOutcome? outcome, int slot = 0, string? endpoint = null, int? checkpoint = null) =>
        Slot(slot, new SlotWork(run, generation, slot, ReplicaPhase.Training, "", endpoint, checkpoint, outcome));
}
