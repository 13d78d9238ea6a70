using JointFusion.Orchestration;
using Xunit;
using static JointFusion.Tests.LifecycleSamples;

namespace JointFusion.Tests;

/// <summary>What a run makes of several messages in a row: who is blamed, what counts, where it goes on. One message at a time: <see cref="RunLifecycleTests"/>.</summary>
public sealed class RunVerdictTests
{
    [Fact]
    public void Should_blame_the_crash_when_a_lost_peer_was_heard_of_first()
    {
        var run = Fold(Given("Recovering-"), new RunMessage.Place([new("a", 0), new("a", 1)]));
        run = Fold(run, new RunMessage.RankEnd(run.Generation, 0, new ReplicaOutcome.Failed(FailureKind.PeerLost, "rank 1 is gone")));
        Assert.Equal(0, run.Failure!.Rank);
        run = Fold(run, new RunMessage.RankEnd(run.Generation, 1, new ReplicaOutcome.Failed(FailureKind.Crashed, "killed")));
        Assert.Equal((1, FailureKind.Crashed), (run.Failure!.Rank, run.Failure.Kind));
    }

    [Fact]
    public void Should_start_the_next_attempt_at_the_journalled_checkpoint_when_one_crashed()
    {
        var run = Fold(Fold(Given("Training"), new RunMessage.Checkpoint(Generation, 60)), Message("EndCrash", Generation, 0));
        var started = Assert.IsType<AttemptStarted>(Assert.Single(RunLifecycle.Process(run, new RunMessage.Place([new("a", 0)]), Samples.Noon, Limit)));
        Assert.Equal((Generation + 1, 60), (started.Generation, started.ResumeStep));
    }

    [Fact]
    public void Should_ignore_a_checkpoint_when_a_newer_one_is_journalled()
    {
        var run = Fold(Given("Training"), new RunMessage.Checkpoint(Generation, 60));
        Assert.Empty(RunLifecycle.Process(run, new RunMessage.Checkpoint(Generation, 60), Samples.Noon, Limit));
        Assert.Empty(RunLifecycle.Process(run, new RunMessage.Checkpoint(Generation, 40), Samples.Noon, Limit));
    }

    [Fact]
    public void Should_count_only_attempts_without_progress_when_they_crash()
    {
        var run = Given("Queued");
        foreach (var furthest in new[] { 10, 20, 20, 20, 30, 30, 30 })
        {
            run = Fold(run, new RunMessage.Place([new("a", 0)]));
            run = Fold(run, new RunMessage.Step(run.Generation, "adaptation", furthest));
            run = Fold(run, Message("EndCrash", run.Generation, 0));
            Assert.Equal(RunState.Recovering, run.State);
        }
        run = Fold(run, new RunMessage.Place([new("a", 0)]));
        run = Fold(run, Message("EndCrash", run.Generation, 0));
        Assert.Equal((RunState.Failed, Generation - 1 + 8), (run.State, run.Generation));
    }

    [Fact]
    public void Should_pause_longer_each_time_when_attempts_crash_without_progress()
    {
        var limits = new ClusterLimits { FruitlessAttempts = 6, LongestRetryDelay = TimeSpan.FromSeconds(3) };
        var run = Given("Queued");
        foreach (var pause in new double?[] { null, 1, 2, 3, 3 })
        {
            run = Fold(run, new RunMessage.Place([new("a", 0)]));
            Assert.Null(run.RetryAt);
            run = RunLifecycle.Process(run, Message("EndCrash", run.Generation, 0), Samples.Noon, limits).Aggregate(run, (state, change) => state.Apply(change));
            Assert.Equal(pause, (run.RetryAt - Samples.Noon)?.TotalSeconds);
        }
        Assert.EndsWith("; the next attempt waits 3 s", RunSnapshot.Of(run, NodeRegistry.Empty).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Should_blame_neither_run_nor_wait_when_nodes_are_lost()
    {
        var run = Given("Queued");
        for (var attempt = 0; attempt < 10; attempt++)
        {
            run = Fold(run, new RunMessage.Place([new("a", 0)]));
            run = Fold(run, new RunMessage.RankEnd(run.Generation, 0, new ReplicaOutcome.Failed(FailureKind.NodeLost, "a is gone")));
        }
        Assert.Equal((RunState.Recovering, 0, null), (run.State, run.FruitlessAttempts, run.RetryAt));
    }

    [Fact]
    public void Should_count_neither_failure_nor_attempt_in_vain_when_a_run_yields()
    {
        var run = Given("Queued");
        for (var attempt = 0; attempt < 10; attempt++)
        {
            run = Fold(run, new RunMessage.Place([new("a", 0)]));
            run = Fold(run, Message("Yield", run.Generation, 0));
            run = Fold(run, Message(attempt % 2 == 0 ? "EndCrash" : "EndStopped", run.Generation, 0));
            Assert.Equal((RunState.Preempted, 0, null), (run.State, run.FruitlessAttempts, run.RetryAt));
        }
        Assert.True(run.IsWaiting);
    }

    [Theory]
    [InlineData("Held", "Pause")]
    [InlineData("Held", "Cancel")]
    [InlineData("Pausing", "EndRung")]
    [InlineData("Cancelling", "EndRung")]
    public void Should_be_held_again_when_it_was_stopped_at_its_rung_and_is_resumed(string state, string message)
    {
        var stopped = Fold(Given(state), Message(message, Generation, 0));
        Assert.True(stopped.State is RunState.Paused or RunState.Cancelled);
        var resumed = Fold(stopped, Message("Resume", Generation, 0));
        Assert.Equal((RunState.Held, false, 5), (resumed.State, resumed.IsWaiting, resumed.Checkpoint));
        Assert.Equal([new RungResult(5, "recall", 0.25)], resumed.Rungs);
    }

    [Fact]
    public void Should_be_asked_for_the_next_rung_when_the_one_before_lies_behind()
    {
        var run = Given("Training") with { Order = new RunOrder(Run, "/runs/early", 1, Rungs: [5, 15]) };
        Assert.Equal(5, run.NextRung);
        Assert.Equal(5, Fold(run, Message("Checkpoint", Generation, 0)).NextRung); // Not measured there yet.
        Assert.Equal(15, Fold(run, new RunMessage.Checkpoint(Generation, 6)).NextRung);
        var promoted = Fold(Fold(run, Message("EndRung", Generation, 0)), Message("Promote", Generation, 0));
        Assert.Equal((15, true), (promoted.NextRung, promoted.IsWaiting));
        Assert.Null(Fold(promoted, new RunMessage.Place([new("a", 0)])).Apply(new RungReached(Run, Generation + 1, 15, "recall", 0.3, Samples.Noon)).NextRung);
    }

    [Theory]
    [InlineData("Held", "recall 0.2500 at step 5; waits for what others of its sweep come to there")]
    [InlineData("Pruned", "ended early")]
    [InlineData("Pausing", "paused by ann")]
    [InlineData("Cancelled", "cancelled by ann")]
    [InlineData("Yielding", "makes room for score")]
    [InlineData("Preempted", "makes room for score")]
    [InlineData("Paused", "paused by ann")]
    [InlineData("Training", null)]
    public void Should_say_why_when_a_run_stops_or_has_stopped(string state, string? reason) =>
        Assert.Equal(reason, RunSnapshot.Of(Given(state), NodeRegistry.Empty.Apply(new NodeUpdated(new NodeReport("a", [SlotState.New(0).Report])))).Reason);

    [Fact]
    public void Should_wait_in_placing_when_not_every_rank_has_been_taken()
    {
        var run = Fold(Given("Queued"), new RunMessage.Place([new("a", 0), new("b", 0)]));
        run = Fold(run, new RunMessage.RankPhase(run.Generation, 0, ReplicaPhase.Starting, ""));
        Assert.Equal(RunState.Placing, run.State);
        Assert.Equal(RunState.Starting, Fold(run, new RunMessage.RankPhase(run.Generation, 1, ReplicaPhase.Starting, "")).State);
    }

    [Fact]
    public void Should_say_what_the_plan_estimates_and_what_to_do_when_memory_runs_out()
    {
        var run = Fold(Given("Training"), new RunMessage.Submit(new RunOrder(Run, "/runs/early", 1, MemoryBytes: 3L << 30)));
        run = Fold(run, new RunMessage.RankEnd(Generation, 0, new ReplicaOutcome.Failed(FailureKind.OutOfMemory, "DefaultCPUAllocator: can't allocate memory")));
        Assert.Equal(RunState.Failed, run.State); // Trying again would not help.
        Assert.StartsWith("rank 0, before starting, out of memory: DefaultCPUAllocator: can't allocate memory (the plan estimates 3,072 MiB for each worker). ", run.Failure!.ToString(), StringComparison.Ordinal);
        Assert.Contains("chunk_size", run.Failure.ToString(), StringComparison.Ordinal);
    }
}
