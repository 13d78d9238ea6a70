using System.Collections.Immutable;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class SweepSchedulerTests
{
    private static readonly ClusterLimits Limits = new();
    private readonly List<IJournalEvent> journal = [];
    private DateTimeOffset now = Samples.Noon;
    private ClusterState state = ClusterState.Empty(Limits);

    [Fact]
    public void Should_place_the_highest_priority_first_and_the_oldest_of_one_when_slots_come_free()
    {
        Submit(Order("low", 1), Order("high", 1, priority: 2), Order("also-high", 1, priority: 2), Order("middle", 1, priority: 1));
        Nodes(("a", 3));
        Assert.Equal(["high", "also-high", "middle"], Placed);
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
        Assert.Equal(chosen, string.Join(' ', Preemption.Choose(missing, held).Select(run => run.Name).Order()));
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

    [Fact]
    public void Should_move_its_runs_elsewhere_and_get_no_new_ones_when_a_node_is_drained()
    {
        Nodes(("a", 2), ("b", 2));
        Submit(Order("wide", 3), Order("narrow", 1), Order("later", 1));
        Do(new DrainNode("a", "ann"));
        Assert.Equal(["wide"], Yielding);
        Assert.Equal(("a is drained", Ending.Stop), (ClusterSnapshot.Of(state).Runs[0].Reason, EndingOf("wide")));
        Assert.Equal([new NodeDrain("a", now, "ann")], ClusterSnapshot.Of(state).Draining);

        End("wide", new ReplicaOutcome.Stopped(7));
        Assert.Equal((RunState.Preempted, "waits for 3 workers; the cluster has 2"), (state.Find("wide")!.State, ClusterSnapshot.Of(state).Runs[0].Reason));
        Assert.Equal(["b"], NodesOf("later")); // Of those that fit on what is left it is the next.
        End("later");
        Do(new UndrainNode("a"));
        Assert.Equal(["a", "a", "b"], NodesOf("wide"));
        Assert.Empty(ClusterSnapshot.Of(state).Draining);
    }

    [Fact]
    public void Should_stay_drained_when_the_coordinator_or_the_node_restarts()
    {
        Nodes(("a", 1));
        var draining = state.Process(new DrainNode("a"), now);
        Do(new DrainNode("a"));
        Assert.Empty(state.Process(new DrainNode("a"), now));
        state = draining.OfType<IJournalEvent>().Aggregate(ClusterState.Empty(Limits), (cluster, change) => cluster.Apply(change));
        Nodes(("a", 1));
        Submit(Order("waits", 1));
        Assert.Empty(Placed);
        Do(new LoseNode("a"));
        Nodes(("a", 1));
        Assert.Empty(Placed);
        Do(new UndrainNode("a"));
        Assert.Equal(["waits"], Placed);
    }

    [Fact]
    public void Should_quarantine_a_slot_when_its_workers_crash_under_one_run_after_another()
    {
        NodeWithOneFree(4);
        Crash("x");
        foreach (var run in new[] { "y", "z" })
        {
            Assert.Empty(ClusterSnapshot.Of(state).Quarantined);
            Crash(run);
        }
        var quarantine = Assert.Single(ClusterSnapshot.Of(state).Quarantined);
        Assert.Equal((new SlotAddress("a", 3), now, now + Limits.QuarantineTime), (quarantine.Slot, quarantine.Since, quarantine.Until));
        Assert.Equal("its workers crashed under 3 runs, one after another (x, y, z); the last: killed", quarantine.Reason);

        End("others");
        Submit(Order("wide", 4), Order("narrow", 1));
        Assert.Equal("waits for 4 workers; the cluster has 3", ClusterSnapshot.Of(state).Runs[4].Reason);
        Assert.Equal(["narrow"], Placed);
        Assert.Equal(quarantine.Until, state.NextMoment(now));
        now = quarantine.Until;
        End("narrow");
        Assert.Equal(["wide"], Placed);
        Assert.Empty(ClusterSnapshot.Of(state).Quarantined);
    }

    [Fact]
    public void Should_give_a_slot_back_when_it_is_released()
    {
        NodeWithOneFree(4);
        Crash("x", "y", "z");
        var slot = Assert.Single(state.Nodes.Health.Quarantined.Keys);
        End("others");
        Do(new ReleaseSlot(slot, "ann"));
        Submit(Order("wide", 4));
        Assert.Equal(["wide"], Placed);
        Assert.Empty(state.Process(new ReleaseSlot(slot), now).OfType<SlotReleased>());
    }

    [Fact]
    public void Should_forgive_a_slot_when_a_rank_has_ended_well_there()
    {
        NodeWithOneFree(4);
        Crash("x", "y");
        Submit(Order("sound", 1));
        End("sound");
        Crash("z", "u");
        Assert.Empty(state.Nodes.Health.Quarantined);
        Crash("v");
        Assert.Equal(new SlotAddress("a", 3), Assert.Single(state.Nodes.Health.Quarantined.Keys));
    }

    [Fact]
    public void Should_prefer_other_slots_when_the_workers_of_some_crashed_of_late()
    {
        Nodes(("a", 3));
        Crash("x");
        Submit(Order("y", 1));
        Assert.Equal(2, state.Find("y")!.Attempt!.Ranks[0].Slot.Slot); // x crashed on each of the first two.
    }

    [Fact]
    public void Should_quarantine_no_more_than_its_share_when_every_slot_crashes()
    {
        NodeWithOneFree(3);
        Crash("x", "y", "z", "u", "v");
        Assert.Empty(state.Nodes.Health.Quarantined); // One of three would be more than a quarter.
    }

    [Fact]
    public void Should_remember_a_quarantine_when_the_coordinator_restarts()
    {
        NodeWithOneFree(4);
        Crash("x", "y", "z");
        var replayed = journal.Aggregate(ClusterState.Empty(Limits), (cluster, change) => cluster.Apply(change));
        Assert.Equal(state.Nodes.Health.Quarantined.Values, replayed.Nodes.Health.Quarantined.Values);
    }

    /// <summary>All slots but the last have work.</summary>
    private void NodeWithOneFree(int slots)
    {
        Nodes(("a", slots));
        Submit(Order("others", slots - 1));
    }

    /// <summary>Each twice, so that it waits before it is tried again, and is given up meanwhile: a run counts once.</summary>
    private void Crash(params string[] runs)
    {
        foreach (var run in runs)
        {
            Submit(Order(run, 1));
            for (var time = 0; time < 2 && state.Find(run)!.Attempt is not null; time++)
                End(run, new ReplicaOutcome.Failed(FailureKind.Crashed, "killed"));
            Do(new CancelRuns([run]));
        }
    }

    private IEnumerable<string> Placed => state.Runs.Placed.OrderBy(run => run.Attempt!.StartedAt).Select(run => run.Name);

    private IEnumerable<string> Yielding => state.Runs.Where(run => run.Stop == StopPurpose.Yield).Select(run => run.Name).Order();

    private IEnumerable<RunRecord> Yielded => [state.Find("new")!, state.Find("newest")!];

    private static RunOrder Order(string run, int workers, int priority = 0, string? user = null, string[]? labels = null) =>
        ClusterFixture.Order(run, workers) with { Priority = priority, User = user, Labels = labels is null ? null : Labels(labels) };

    private static ImmutableSortedDictionary<string, string> Labels(string[] labels) =>
        labels.Select(label => label.Split('=')).ToImmutableSortedDictionary(label => label[0], label => label[1]);

    private string[] NodesOf(string run) => [.. state.Find(run)!.Attempt!.Ranks.Select(rank => rank.Slot.Node)];

    private Ending EndingOf(string run) => NodePlanner.OrdersFor(state, NodesOf(run)[0], new AttemptSecrets()).Slots.First(order => order.Order.Run == run).Ending;

    private void Submit(params RunOrder[] orders)
    {
        foreach (var order in orders)
            Do(new SubmitRun(order));
    }

    private void Nodes(params (string Name, int Slots)[] nodes) => Nodes([.. nodes.Select(node => (node.Name, node.Slots, Array.Empty<string>()))]);

    private void Nodes(params (string Name, int Slots, string[] Labels)[] nodes)
    {
        foreach (var (name, slots, labels) in nodes)
            Do(new NodeReport(name, [.. Enumerable.Range(0, slots).Select(slot => Slot(name, slot))], Labels(labels)));
    }

    /// <summary>The node has what it was ordered.</summary>
    private void Report(string node, string? ended = null, ReplicaOutcome? outcome = null) =>
        Do(state.Nodes.Nodes[node] with { Slots = [.. state.Nodes.Nodes[node].Slots.Select(slot => Slot(node, slot.Slot, ended, outcome))] });

    private void End(string run, ReplicaOutcome? outcome = null)
    {
        foreach (var node in NodesOf(run).Distinct())
            Report(node, run, outcome ?? new ReplicaOutcome.Succeeded());
    }

    private SlotReport Slot(string node, int slot, string? ended = null, ReplicaOutcome? outcome = null)
    {
        var work = from run in state.Runs.Placed
                   from rank in run.LiveRanks
                   where rank.State.Slot == new SlotAddress(node, slot)
                   select new SlotWork(run.Name, run.Generation, rank.Number, ReplicaPhase.Training, "", null, null, run.Name == ended ? outcome : null);
        return new SlotReport(slot, 100 + slot, true, 0, work.SingleOrDefault(), null);
    }

    private void Do(ClusterCommand command)
    {
        var events = state.Process(command, now);
        journal.AddRange(events.OfType<IJournalEvent>());
        state = events.Aggregate(state, (cluster, change) => cluster.Apply(change));
    }
}
