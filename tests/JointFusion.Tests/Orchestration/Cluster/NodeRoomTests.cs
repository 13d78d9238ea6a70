using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What is kept from runs: drained nodes and quarantined slots.</summary>
public sealed class NodeRoomTests : ScheduledCluster
{
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
}
