using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Sweeps in the cluster's state: rungs, and limits of time.</summary>
public sealed class SweepTests : ScheduledCluster
{
    private const string Sweep = "s";

    [Fact]
    public void Should_promote_the_best_third_as_soon_as_it_is_known_when_runs_come_to_a_rung()
    {
        Begin(reduction: 3, runs: 9, slots: 9);

        AtRung("run-1", 0.1);
        AtRung("run-2", 0.3);
        Assert.Equal([RunState.Held, RunState.Held], States("run-1", "run-2"));
        AtRung("run-3", 0.2);

        Assert.Equal([RunState.Held, RunState.Placing, RunState.Held], States("run-1", "run-2", "run-3"));
        Assert.Equal(50, state.Find("run-2")!.Attempt!.ResumeStep);
        var promoted = Assert.Single(journal.OfType<RunPromoted>());
        Assert.Equal("promoted: recall 0.3000 at step 50 is number 1 of 3; of 3 one goes on", promoted.Reason);
    }

    [Fact]
    public void Should_prune_the_others_and_say_why_when_nobody_else_will_come()
    {
        Begin(reduction: 3, runs: 7, slots: 7);
        foreach (var (run, value) in new[] { ("run-1", 0.1), ("run-2", 0.3), ("run-3", 0.2), ("run-4", 0.5), ("run-5", 0.4) })
            AtRung(run, value);
        End("run-6", new ReplicaOutcome.Failed(FailureKind.BadInput, "no such file"));
        Assert.DoesNotContain(state.Runs, run => run.State == RunState.Pruned);

        Do(new CancelRuns(["run-7"]));
        End("run-7", new ReplicaOutcome.Stopped(10));

        // One of five goes on; run-2 was the best of the first three, and nobody is called back.
        Assert.Equal(["run-2", "run-4"], journal.OfType<RunPromoted>().Select(promoted => promoted.Run));
        Assert.Equal([RunState.Pruned, RunState.Pruned, RunState.Pruned], States("run-1", "run-3", "run-5"));
        Assert.Equal("ended early: recall 0.4000 at step 50 is number 2 of 5; of 3 one goes on", ClusterSnapshot.Of(state).Runs[4].Reason);
    }

    [Fact]
    public void Should_promote_one_when_fewer_come_than_the_reduction()
    {
        Begin(reduction: 3, runs: 2, slots: 2);

        AtRung("run-1", 0.1);
        AtRung("run-2", 0.05);

        Assert.Equal([RunState.Placing, RunState.Pruned], States("run-1", "run-2"));
    }

    [Fact]
    public void Should_climb_rung_by_rung_when_runs_come_one_after_another()
    {
        Begin(reduction: 2, runs: 4, slots: 1);
        while (state.Runs.Placed.FirstOrDefault() is { } run)
        {
            if (run.NextRung is { } rung)
                AtRung(run.Name, double.Parse(run.Name[^1..]) / 10, rung);
            else
                End(run.Name);
        }

        // run-3 was the better of two at the second rung before run-4 had come to the first.
        Assert.Equal([RunState.Pruned, RunState.Pruned, RunState.Succeeded, RunState.Succeeded], States("run-1", "run-2", "run-3", "run-4"));
        Assert.Equal([50, 100], state.Find("run-4")!.Rungs.Select(result => result.Step));
    }

    [Fact]
    public void Should_bring_a_pruned_run_back_when_later_runs_make_it_one_of_the_best()
    {
        Begin(reduction: 2, runs: 3, slots: 6);
        AtRung("run-1", 0.1);
        AtRung("run-2", 0.3);
        AtRung("run-3", 0.2);
        Assert.Equal([RunState.Pruned, RunState.Starting, RunState.Pruned], States("run-1", "run-2", "run-3"));

        Submit(Of(4));
        AtRung("run-4", 0.05);

        Assert.Equal([RunState.Pruned, RunState.Starting, RunState.Placing, RunState.Pruned], States("run-1", "run-2", "run-3", "run-4"));
        Assert.Equal(50, state.Find("run-3")!.Attempt!.ResumeStep);
    }

    [Fact]
    public void Should_count_no_attempt_in_vain_and_say_why_there_is_another_when_a_run_is_promoted()
    {
        Begin(reduction: 2, runs: 2, slots: 2);
        for (var crash = 1; crash < Limits.FruitlessAttempts; crash++) // All but the last that it is allowed.
        {
            End("run-1", new ReplicaOutcome.Failed(FailureKind.Crashed, "killed"));
            now += Limits.LongestRetryDelay;
            Do(new Reconsider());
        }
        AtRung("run-1", 0.4);
        AtRung("run-2", 0.1);

        const string why = "promoted: recall 0.4000 at step 50 is number 1 of 2; of 2 one goes on";
        Assert.Equal((RunState.Placing, 0, null, why), (state.Find("run-1")!.State, state.Find("run-1")!.FruitlessAttempts, state.Find("run-1")!.Failure, ClusterSnapshot.Of(state).Runs[0].Reason));
        Report("a");
        Assert.Equal((RunState.Starting, why), (state.Find("run-1")!.State, ClusterSnapshot.Of(state).Runs[0].Reason));
        Do(new StepReport(Samples.Metrics("run-1", state.Find("run-1")!.Generation, 51)));
        Assert.Equal((RunState.Training, null), (state.Find("run-1")!.State, ClusterSnapshot.Of(state).Runs[0].Reason));
        End("run-1", new ReplicaOutcome.Failed(FailureKind.Crashed, "killed"));
        Assert.Equal((RunState.Placing, 0), (state.Find("run-1")!.State, state.Find("run-1")!.FruitlessAttempts)); // It had come further than the rung.
    }

    [Fact]
    public void Should_judge_a_run_later_when_its_user_pauses_it_at_its_rung()
    {
        Begin(reduction: 2, runs: 2, slots: 2);
        AtRung("run-1", 0.4);
        Do(new StopRuns(["run-1"], "ann"));

        AtRung("run-2", 0.1); // The best is not there to go on.
        Assert.Equal([RunState.Paused, RunState.Pruned], States("run-1", "run-2"));
        Do(new ResumeRuns(["run-1"]));

        Assert.Equal(RunState.Placing, state.Find("run-1")!.State);
    }

    [Fact]
    public void Should_decide_what_was_not_decided_when_the_journal_ends_with_a_result()
    {
        Begin(reduction: 3, runs: 1, slots: 1);
        AtRung("run-1", 0.4);
        var cut = journal.TakeWhile(change => change is not RunPromoted).Aggregate(ClusterState.Empty(Limits), (cluster, change) => cluster.Apply(change));
        Assert.Equal(RunState.Held, cut.Find("run-1")!.State);

        Assert.IsType<RunPromoted>(Assert.Single(cut.Process(new AdoptAttempts(), now)));
    }

    [Fact]
    public void Should_tell_the_same_when_the_journal_is_replayed()
    {
        Should_climb_rung_by_rung_when_runs_come_one_after_another();

        var replayed = journal.Aggregate(ClusterState.Empty(Limits), (cluster, change) => cluster.Apply(change));

        Assert.Equal(state.Runs.Select(Told), replayed.Runs.Select(Told));
        Assert.Equal(state.Sweeps.Find(Sweep)!.Used, replayed.Sweeps.Find(Sweep)!.Used);
    }

    [Fact]
    public void Should_pause_all_runs_when_the_device_hours_are_used_up()
    {
        Nodes(("a", 3));
        Do(new SubmitSweep(new SweepOrder(Sweep, DeviceHours: 1.5)));
        Submit(Order("wide", 2) with { Sweep = Sweep }, Order("narrow", 1) with { Sweep = Sweep }, Order("waits", 1) with { Sweep = Sweep }, Order("other", 1));
        now += TimeSpan.FromMinutes(10);
        End("wide"); // Two slots for ten minutes: the third run and another's get them.
        Assert.Equal(TimeSpan.FromMinutes(20), state.Sweeps.Find(Sweep)!.Used);
        Assert.Equal(0.5, ClusterSnapshot.Of(state, now).Sweeps[0].UsedHours, 6);

        // An hour is left, which two runs of one slot use up in half of it.
        Assert.Equal(now + TimeSpan.FromMinutes(30) + TimeSpan.FromMilliseconds(1), state.NextMoment(now));
        now = state.NextMoment(now)!.Value;
        Do(new Reconsider());

        Assert.Equal([RunState.Stopping, RunState.Stopping, RunState.Placing], States("narrow", "waits", "other"));
        Assert.Equal("the 1.5 device-hours of its sweep are used up", ClusterSnapshot.Of(state).Runs[1].Reason);
        End("narrow", new ReplicaOutcome.Stopped(40));
        Assert.Equal((RunState.Paused, "the 1.5 device-hours of its sweep are used up"), (state.Find("narrow")!.State, ClusterSnapshot.Of(state).Runs[1].Reason));

        Do(new ResumeRuns(["narrow"]));
        Assert.Equal(RunState.Paused, state.Find("narrow")!.State);
        Do(new SubmitSweep(new SweepOrder(Sweep, DeviceHours: 3)));
        Do(new ResumeRuns(["narrow"]));
        Assert.Equal(RunState.Placing, state.Find("narrow")!.State);
    }

    private static (string, RunState, int?, string, bool, string?) Told(RunRecord run) => (run.Name, run.State, run.Checkpoint, string.Join(", ", run.Rungs), run.IsAtRung, run.Note);

    private static RunOrder Of(int number) => Order($"run-{number}", 1) with { Sweep = Sweep, Rungs = [50, 100] };

    private void Begin(int reduction, int runs, int slots)
    {
        Nodes(("a", slots));
        Do(new SubmitSweep(new SweepOrder(Sweep, reduction)));
        Submit([.. Enumerable.Range(1, runs).Select(Of)]);
    }

    private void AtRung(string run, double value, int step = 50) => End(run, new ReplicaOutcome.AtRung(step, "recall", value));

    private IEnumerable<RunState> States(params string[] runs) => runs.Select(run => state.Find(run)!.State);
}
