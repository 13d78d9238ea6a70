using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Which run gets which slots, and who yields for it.</summary>
public sealed class SweepSchedulerTests : ScheduledCluster
{
    [Fact]
    public void Should_place_the_highest_priority_first_and_the_oldest_of_one_when_slots_come_free()
    {
        Submit(Order("low", 1), Order("high", 1, priority: 2), Order("also-high", 1, priority: 2), Order("middle", 1, priority: 1));
        Nodes(("a", 3));
        Assert.Equal(["high", "also-high", "middle"], Placed);
    }

    [Fact]
    public void Should_place_make_room_and_say_who_when_a_user_changes_priorities()
    {
        Nodes(("a", 1));
        Submit(Order("first", 1), Order("second", 1), Order("third", 1));

        Do(new PrioritiseRuns(["third", "first"], 1, "ann"));
        End("first");
        Assert.Equal(["third"], Placed);
        Do(new PrioritiseRuns(["third"], -1, "bob"));

        Assert.Equal(["third"], Yielding);
        Assert.Equal([("third", 1, "ann"), ("first", 1, "ann"), ("third", -1, "bob")], journal.OfType<RunPrioritised>().Select(said => (said.Run, said.Priority, said.By!)));
        Assert.Equal([1, 0, -1], ClusterSnapshot.Of(state).Runs.Select(run => run.Priority));
    }

    [Fact]
    public void Should_keep_what_a_user_said_of_a_priority_when_the_run_is_submitted_again()
    {
        Submit(Order("first", 1, priority: 2));
        Do(new PrioritiseRuns(["first"], 5));
        var told = journal.Count;

        Submit(Order("first", 1, priority: 2)); // As a server does when it starts.
        Assert.Equal(told, journal.Count);
        Submit(Order("first", 3, priority: 2));

        Assert.Equal((3, 5), (state.Find("first")!.Order.Workers, state.Find("first")!.Order.Priority));
        var replayed = journal.Aggregate(ClusterState.Empty(Limits), (cluster, change) => cluster.Apply(change));
        Assert.Equal(5, replayed.Find("first")!.Order.Priority);
    }

    [Fact]
    public void Should_add_up_the_time_of_all_ranks_and_attempts_when_a_run_holds_slots()
    {
        Nodes(("a", 2));
        Submit(Order("run", 2));
        now += TimeSpan.FromHours(1);
        End("run", new ReplicaOutcome.Failed(FailureKind.Crashed, "killed")); // Goes on at once.
        now += TimeSpan.FromMinutes(30);

        Assert.Equal(3, ClusterSnapshot.Of(state, now).Runs[0].DeviceHours, 9);
        Assert.Equal(2, ClusterSnapshot.Of(state).Runs[0].DeviceHours, 9);
        End("run");
        now += TimeSpan.FromHours(9);
        Assert.Equal(3, ClusterSnapshot.Of(state, now).Runs[0].DeviceHours, 9);
    }

    [Fact]
    public void Should_take_turns_when_users_want_more_than_there_is()
    {
        Submit([.. Enumerable.Range(0, 4).Select(run => Order($"ann-{run}", 1, user: "ann")), Order("bob-0", 2, user: "bob"), Order("bob-1", 1, user: "bob"), Order("cy-0", 1, user: "cy")]);
        Nodes(("a", 5));
        // Nobody holds anything: the first submitted. Then bob and cy hold the least; then ann and cy hold one each, and ann came first.
        Assert.Equal(["ann-0", "ann-1", "bob-0", "cy-0"], Placed.Order());
    }

    [Fact]
    public void Should_count_what_a_user_holds_in_other_priorities_when_turns_are_taken()
    {
        Nodes(("a", 4));
        Submit(Order("ann-urgent", 3, user: "ann", priority: 1), Order("ann", 1, user: "ann"), Order("ann-2", 1, user: "ann"), Order("bob", 1, user: "bob"));
        End("ann");
        Assert.Equal(["ann-urgent", "bob"], Placed);
    }

    [Fact]
    public void Should_not_let_others_overtake_for_ever_when_a_wide_run_waits()
    {
        Nodes(("a", 4));
        Submit(Order("ann", 1, user: "ann"), Order("ann-wide", 4, user: "ann"));
        for (var newcomer = 0; now - Samples.Noon < Limits.FairWait; newcomer++)
        {
            Submit(Order($"new-{newcomer}", 1, user: $"new-{newcomer}")); // Holds less than ann: its turn is before hers.
            Assert.Contains($"new-{newcomer}", Placed);
            if (newcomer >= 2)
                End($"new-{newcomer - 2}");
            now += TimeSpan.FromMinutes(1);
        }
        Submit(Order("too-late", 1, user: "too-late"));
        Assert.DoesNotContain("too-late", Placed);
        foreach (var run in Placed)
            End(run);
        Assert.Equal(["ann-wide"], Placed);
    }

    [Fact]
    public void Should_go_on_taking_turns_when_a_users_backlog_is_old()
    {
        Nodes(("a", 2));
        Submit([.. Enumerable.Range(0, 10).Select(run => Order($"ann-{run}", 1, user: "ann"))]);
        now += 2 * Limits.FairWait;
        End("ann-0"); // So ann was not passed over.
        Submit(Order("bob", 1, user: "bob"));
        End("ann-1");
        Assert.Equal(["ann-2", "bob"], Placed);
    }

    [Fact]
    public void Should_keep_free_slots_for_a_wide_run_when_a_narrow_one_of_a_lower_priority_would_fit()
    {
        Nodes(("a", 4));
        Submit(Order("busy", 2, priority: 1), Order("wide", 3, priority: 1), Order("narrow", 1));
        Assert.Equal(["busy"], Placed);
    }

    [Fact]
    public void Should_use_only_nodes_with_all_labels_and_let_others_have_the_rest_when_a_run_asks_for_some()
    {
        Nodes(("a", 2, ["gpu=a100"]), ("b", 2, ["gpu=h100", "rack=7"]), ("c", 2, []));
        Submit(Order("picky", 2, labels: ["gpu=h100", "rack=7"]), Order("pickier", 3, labels: ["gpu=h100"]), Order("second", 1, labels: ["gpu=h100"]), Order("any", 3));
        Assert.Equal(["picky", "any"], Placed);
        Assert.Equal(["b", "b"], NodesOf("picky"));
        Assert.Equal(["a", "a", "c"], NodesOf("any"));
        Assert.Equal("waits for 3 workers with gpu=h100; the cluster has 2", ClusterSnapshot.Of(state).Runs[1].Reason);
        End("picky");
        Assert.Equal(["b"], NodesOf("second"));
    }

    [Fact]
    public void Should_make_the_newest_of_the_lowest_yield_when_a_higher_run_finds_no_place()
    {
        Nodes(("a", 4));
        foreach (var order in new[] { Order("old", 1), Order("higher", 1, priority: 1), Order("new", 1), Order("newest", 1) })
        {
            Submit(order);
            now += TimeSpan.FromMinutes(1);
        }
        Submit(Order("urgent", 2, priority: 5));
        Assert.Equal(["new", "newest"], Yielding);
        Assert.Equal("makes room for urgent, whose priority is 5", ClusterSnapshot.Of(state).Runs[3].Reason);
        Assert.All(["new", "newest"], run => Assert.Equal(Ending.Stop, EndingOf(run)));

        End("newest", new ReplicaOutcome.Stopped(7));
        Assert.Equal((RunState.Preempted, RunState.Queued), (state.Find("newest")!.State, state.Find("urgent")!.State)); // Not before urgent has its slots.
        End("new", new ReplicaOutcome.Stopped(7));
        Assert.Equal(["old", "higher", "urgent"], Placed);
        Assert.Equal([0, 0], Yielded.Select(run => run.FruitlessAttempts));

        End("urgent");
        Assert.Equal(["old", "higher", "new", "newest"], Placed.OrderBy(run => state.Find(run)!.Order.Run == "old" ? 0 : run == "higher" ? 1 : run == "new" ? 2 : 3));
    }

    [Theory]
    [InlineData(1, "c")] // The newest is enough.
    [InlineData(3, "b")] // One run rather than two.
    [InlineData(4, "b c")] // b's three with the newest.
    [InlineData(5, "a b")] // Two do, if they are these; a alone is older than c, but c would make it three.
    [InlineData(6, "a b c")]
    [InlineData(7, "")] // All of them are not enough: nobody yields.
    public void Should_make_as_few_as_possible_yield_when_they_are_of_several_widths(int missing, string chosen)
    {
        Nodes(("a", 6));
        foreach (var order in new[] { Order("a", 2), Order("b", 3), Order("c", 1) })
        {
            Submit(order);
            now += TimeSpan.FromMinutes(1);
        }
        var held = state.Runs.Placed.Select(run => (run, run.Attempt!.Ranks.Length));
        Assert.Equal(chosen, string.Join(' ', Preemption.Choose(missing, held).Select(yield => yield.Run.Name).Order()));
    }

    [Fact]
    public void Should_make_nobody_yield_when_it_would_not_suffice_or_slots_are_coming_anyway()
    {
        Nodes(("a", 4));
        Submit(Order("peer", 2, priority: 5), Order("low", 1), Order("leaving", 1), Order("urgent", 4, priority: 5));
        Assert.Empty(Yielding); // peer holds two of the four.
        Do(new CancelRuns(["urgent"]));
        Do(new StopRuns(["leaving"]));
        Submit(Order("small", 1, priority: 5));
        Assert.Empty(Yielding);
        End("leaving", new ReplicaOutcome.Stopped(3));
        Assert.Equal(["peer", "low", "small"], Placed);
    }

    [Fact]
    public void Should_make_nobody_yield_when_a_worker_is_only_being_started_again()
    {
        Nodes(("a", 2));
        Submit(Order("low", 1));
        Do(new NodeReport("a", [Slot("a", 0), Slot("a", 1) with { IsReady = false, Pid = null }]));
        Submit(Order("urgent", 1, priority: 5));
        Assert.Empty(Yielding);
        Report("a");
        Assert.Equal(["low", "urgent"], Placed);
    }

    [Fact]
    public void Should_take_the_new_priority_when_a_waiting_run_is_submitted_again()
    {
        Nodes(("a", 1));
        Submit(Order("busy", 1), Order("first", 1), Order("second", 1), Order("second", 1, priority: 0));
        Submit(Order("busy", 1, priority: 9), Order("second", 1, priority: 3));
        End("busy");
        Assert.Equal(["second"], Placed);
    }
}
