using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class SlotStateTests
{
    private static readonly SlotState Ready = SlotState.New(0).Started(7).Ready();
    private static readonly ReplicaOrder Order = new("early", 2, "/runs/early", 0, 1, 60, true);
    private static readonly RankAssignment Place = new("early", 2, 0, ["h:1"], "s");

    [Fact]
    public void Should_prepare_then_begin_once_when_ordered_step_by_step()
    {
        var (state, actions) = Settle(Ready with { Order = new SlotOrder(0, Order, null, Ending.None) });
        Assert.Equal([new SlotAction.Tell(new AgentMessage.Prepare(Order))], actions);

        (state, actions) = Settle(state.Heard(new WorkerMessage.Listening("early", 2, "h:1")));
        Assert.Empty(actions);

        (state, actions) = Settle(state with { Order = new SlotOrder(0, Order, Place, Ending.None) });
        Assert.Equal([new SlotAction.Tell(new AgentMessage.Begin(Place))], actions);
        Assert.Empty(Settle(state).Actions);
    }

    [Fact]
    public void Should_wait_when_the_worker_has_not_said_hello() =>
        Assert.Empty(Settle(SlotState.New(0).Started(7) with { Order = new SlotOrder(0, Order, null, Ending.None) }).Actions);

    [Fact]
    public void Should_ask_once_for_each_ending_when_orders_repeat()
    {
        var working = Settle(Ready with { Order = new SlotOrder(0, Order, null, Ending.None) }).State;
        var (stopping, stop) = Settle(working with { Order = new SlotOrder(0, Order, null, Ending.Stop) });
        Assert.Equal([new SlotAction.End(new AgentMessage.Stop("early", 2), Ending.Stop)], stop);
        Assert.Empty(Settle(stopping).Actions);
        Assert.Equal([new SlotAction.End(new AgentMessage.Stop("early", 2), Ending.Abort)], Settle(stopping with { Order = new SlotOrder(0, Order, null, Ending.Abort) }).Actions);
    }

    [Fact]
    public void Should_tell_once_when_a_newer_checkpoint_is_journalled()
    {
        var working = Settle(Ready with { Order = new SlotOrder(0, Order, null, Ending.None, Journalled: 60) });
        Assert.Equal([new SlotAction.Tell(new AgentMessage.Prepare(Order))], working.Actions); // which says 60 itself

        var newer = Settle(working.State with { Order = new SlotOrder(0, Order, null, Ending.None, Journalled: 70) });
        Assert.Equal([new SlotAction.Tell(new AgentMessage.Journalled("early", 2, 70))], newer.Actions);
        Assert.Empty(Settle(newer.State).Actions);
        Assert.Empty(Settle(newer.State with { Order = new SlotOrder(0, Order, null, Ending.None, Journalled: 60) }).Actions);
        Assert.Empty(Settle(newer.State with { Order = new SlotOrder(0, Order, null, Ending.None) }).Actions);
    }

    [Fact]
    public void Should_tell_once_when_no_run_will_begin_at_a_stages_end_any_more()
    {
        var working = Settle(Ready with { Order = new SlotOrder(0, Order, null, Ending.None, Journalled: 60) }).State;

        var letGo = Settle(working with { Order = new SlotOrder(0, Order, null, Ending.None, Journalled: 60, LetGo: [12]) });
        var tell = Assert.IsType<AgentMessage.Journalled>(Assert.IsType<SlotAction.Tell>(Assert.Single(letGo.Actions)).Message);
        Assert.Equal(60, tell.Step);
        Assert.Equal([12], tell.LetGo!.Value);
        Assert.Empty(Settle(letGo.State with { Order = new SlotOrder(0, Order, null, Ending.None, Journalled: 60, LetGo: [12]) }).Actions);
        Assert.Single(Settle(letGo.State with { Order = new SlotOrder(0, Order, null, Ending.None, Journalled: 60) }).Actions); // Somebody may after all.
    }

    [Fact]
    public void Should_tell_what_is_journalled_when_it_is_being_stopped()
    {
        var working = Settle(Ready with { Order = new SlotOrder(0, Order, null, Ending.None) }).State;
        var (_, actions) = Settle(working with { Order = new SlotOrder(0, Order, null, Ending.Stop, Journalled: 70) });
        Assert.Equal(
            [new SlotAction.End(new AgentMessage.Stop("early", 2), Ending.Stop), new SlotAction.Tell(new AgentMessage.Journalled("early", 2, 70))], actions);
    }

    [Fact]
    public void Should_say_nothing_of_checkpoints_when_the_work_has_ended_or_is_another_generations()
    {
        var working = Settle(Ready with { Order = new SlotOrder(0, Order, null, Ending.None) }).State;
        var ended = working.Heard(new WorkerMessage.Ended("early", 2, new ReplicaOutcome.Succeeded(), 0));
        Assert.Empty(Settle(ended with { Order = new SlotOrder(0, Order, null, Ending.None, Journalled: 70) }).Actions);
        var next = Settle(working with { Order = new SlotOrder(0, Order with { Generation = 3 }, null, Ending.None, Journalled: 70) });
        Assert.Equal([new SlotAction.End(new AgentMessage.Stop("early", 2), Ending.Abort)], next.Actions);
    }

    [Fact]
    public void Should_report_a_crash_when_the_worker_exits_at_work()
    {
        var working = Settle(Ready with { Order = new SlotOrder(0, Order, null, Ending.None) }).State;
        var dead = working.Exited(new WorkerExit(7, 137, "killed")).Report;
        Assert.Equal(new ReplicaOutcome.Failed(FailureKind.Crashed, "killed"), dead.Work!.Outcome);
        Assert.Equal((null, false, 0), (dead.Pid, dead.IsReady, dead.FailedStarts));
    }

    [Fact]
    public void Should_keep_a_verdict_until_other_orders_come()
    {
        var ended = Settle(Ready with { Order = new SlotOrder(0, Order, null, Ending.None) }).State
            .Heard(new WorkerMessage.Ended("early", 2, new ReplicaOutcome.Succeeded(), 0));
        Assert.IsType<ReplicaOutcome.Succeeded>(Settle(ended).State.Report.Work!.Outcome);
        Assert.Null(Settle(ended with { Order = null }).State.Report.Work);
        var next = Order with { Run = "score" };
        Assert.Contains(new SlotAction.Tell(new AgentMessage.Prepare(next)), Settle(ended with { Order = new SlotOrder(0, next, null, Ending.None) }).Actions);
    }

    [Fact]
    public void Should_abort_work_when_it_is_no_longer_ordered()
    {
        var working = Settle(Ready with { Order = new SlotOrder(0, Order, null, Ending.None) }).State;
        Assert.Equal([new SlotAction.End(new AgentMessage.Stop("early", 2), Ending.Abort)], Settle(working with { Order = null }).Actions);
    }

    [Fact]
    public void Should_drop_a_word_when_it_is_about_an_older_generation()
    {
        var working = Settle(Ready with { Order = new SlotOrder(0, Order, null, Ending.None) }).State;
        Assert.Equal(working, working.Heard(new WorkerMessage.Ended("early", 1, new ReplicaOutcome.Succeeded(), 0)));
        Assert.Equal(working, working.Heard(new WorkerMessage.Checkpoint("score", 2, 60)));
    }

    [Fact]
    public void Should_end_without_the_worker_when_aborted_before_it_was_told()
    {
        var state = Settle(SlotState.New(0) with { Order = new SlotOrder(0, Order, null, Ending.Abort) }).State;
        Assert.Equal(new ReplicaOutcome.Stopped(60), state.Report.Work!.Outcome);
    }

    [Fact]
    public void Should_wait_longer_when_starts_keep_failing()
    {
        var settings = new AgentSettings();
        Assert.Equal([0.2, 0.2, 0.4, 0.8, 10], new[] { 0, 1, 2, 3, 30 }.Select(failed => settings.PauseAfter(failed).TotalSeconds));
    }

    private static (SlotState State, List<SlotAction> Actions) Settle(SlotState state)
    {
        var actions = new List<SlotAction>();
        while (state.Reconcile() is var (next, action))
        {
            state = next;
            actions.Add(action);
        }
        return (state, actions);
    }
}
