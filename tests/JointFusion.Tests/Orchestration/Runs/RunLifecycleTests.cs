using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Every state against every message. "=" nothing happens; "note" the state stays, something else is taken down; else the next state.</summary>
public sealed class RunLifecycleTests
{
    private const string Run = "early";
    private const int Generation = 4;
    private static readonly ClusterLimits Limit = new() { FruitlessAttempts = 3 };

    private const string Table = """
                    Submit Pause   Cancel     Yield    Resume   Adopt Place   GiveUp Phase    PhaseEval  Listening Step     Checkpoint EndOk       EndStopped  EndCrash    EndLost     EndBadInput Warning Pulse Promote Prune  EndRung
        Queued      note   Paused  Cancelled  =        =        =     Placing Failed =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Placing     note   Pausing Cancelling Yielding =        note  =       =      Starting Evaluating note      Training note       Succeeded   Recovering- Recovering- Recovering- Failed      note    note  =       =      Held
        Starting    note   Pausing Cancelling Yielding =        note  =       =      note     Evaluating note      Training note       Succeeded   Recovering- Recovering- Recovering- Failed      note    note  =       =      Held
        Training    note   Pausing Cancelling Yielding =        note  =       =      note     Evaluating note      note     note       Succeeded   Recovering- Recovering- Recovering- Failed      note    note  =       =      Held
        Evaluating  note   Pausing Cancelling Yielding =        note  =       =      note     note       note      Training note       Succeeded   Recovering- Recovering- Recovering- Failed      note    note  =       =      Held
        Recovering+ note   Pausing Cancelling =        =        note  =       =      note     note       note      note     note       Recovering- Recovering- Recovering- Recovering- Failed      note    note  =       =      Recovering-
        Recovering- note   Paused  Cancelled  =        =        =     Placing Failed =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Yielding    note   Pausing Cancelling =        =        note  =       =      note     note       note      note     note       Succeeded   Preempted   Preempted   Preempted   Failed      note    note  =       =      Held
        Pausing     note   =       Cancelling =        Yielding note  =       =      note     note       note      note     note       Succeeded   Paused      Paused      Paused      Failed      note    note  =       =      Paused
        Cancelling  note   =       =          =        Yielding note  =       =      note     note       note      note     note       Succeeded   Cancelled   Cancelled   Cancelled   Failed      note    note  =       =      Cancelled
        Preempted   note   Paused  Cancelled  =        =        =     Placing Failed =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Paused      note   =       Cancelled  =        Queued   =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Cancelled   note   =       =          =        Queued   =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Held        note   Paused  Cancelled  =        =        =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     Queued  Pruned =
        Pruned      note   =       =          =        =        =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     Queued  =      =
        Succeeded   note   =       =          =        =        =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Failed      note   =       =          =        Queued   =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        """;

    public static TheoryData<string, string, string> Cells { get; } = ReadTable();

    public static TheoryData<string, string> FromAttempts => [.. Cells.Where(cell => IsOfAttempt(cell.Data.Item2)).Select(cell => (cell.Data.Item1, cell.Data.Item2))];

    [Fact]
    public void Should_cover_every_state_and_message_when_the_table_is_read()
    {
        Assert.Equal(Enum.GetValues<RunState>(), Cells.Select(cell => Given(cell.Data.Item1).State).Distinct().Order());
        Assert.Equal(Enum.GetValues<StopPurpose>(), Cells.Select(cell => Given(cell.Data.Item1).Stop).OfType<StopPurpose>().Distinct().Order());
        Assert.Equal(
            typeof(RunMessage).GetNestedTypes().Select(type => type.Name).Order(),
            Cells.Select(cell => Message(cell.Data.Item2, Generation, 0).GetType().Name).Distinct().Order());
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Should_follow_the_table_when_a_message_arrives(string state, string message, string expected)
    {
        var before = Given(state);
        var events = RunLifecycle.Process(before, Message(message, Generation, LiveRank(state)), Samples.Noon, Limit);
        var after = events.Aggregate(before, (run, change) => run.Apply(change));

        Assert.Equal(expected == "=", events.Count == 0);
        Assert.Equal(expected is "=" or "note" ? state : expected, Row(after));
        Assert.True(!after.State.IsTerminal() || after.Attempt is null, "An ended run holds no slots.");
    }

    [Theory]
    [MemberData(nameof(FromAttempts))]
    public void Should_drop_a_message_when_it_comes_from_another_generation(string state, string message)
    {
        Assert.Empty(RunLifecycle.Process(Given(state), Message(message, Generation - 1, LiveRank(state)), Samples.Noon, Limit));
        Assert.Empty(RunLifecycle.Process(Given(state), Message(message, Generation + 1, LiveRank(state)), Samples.Noon, Limit));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Should_change_nothing_more_when_a_message_arrives_twice(string state, string message, string expected)
    {
        var twice = Message(message, Generation, LiveRank(state));
        var once = RunLifecycle.Process(Given(state), twice, Samples.Noon, Limit).Aggregate(Given(state), (run, change) => run.Apply(change));
        var again = RunLifecycle.Process(once, twice, Samples.Noon, Limit).Aggregate(once, (run, change) => run.Apply(change));

        // A phase of rank 0 re-read after the run moved on is the one message that is judged anew; the same phase twice is not.
        Assert.Equal(once.State, again.State);
        Assert.Equal((once.Generation, once.Checkpoint, once.FruitlessAttempts), (again.Generation, again.Checkpoint, again.FruitlessAttempts));
        Assert.NotEqual("", expected);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(7)]
    public void Should_drop_a_message_when_it_names_no_rank(int rank) =>
        Assert.Empty(RunLifecycle.Process(Given("Training"), Message("EndCrash", Generation, rank), Samples.Noon, Limit));

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

    /// <summary>As the table calls it.</summary>
    private static string Row(RunRecord run) => run switch
    {
        { Stop: { } purpose } => purpose switch { StopPurpose.Yield => "Yielding", StopPurpose.Pause => "Pausing", _ => "Cancelling" },
        { State: RunState.Recovering } => run.Attempt is null ? "Recovering-" : "Recovering+",
        _ => run.State.ToString(),
    };

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
    public void Should_say_what_the_plan_estimates_when_memory_runs_out()
    {
        var run = Fold(Given("Training"), new RunMessage.Submit(new RunOrder(Run, "/runs/early", 1, MemoryBytes: 3L << 30)));
        run = Fold(run, new RunMessage.RankEnd(Generation, 0, new ReplicaOutcome.Failed(FailureKind.OutOfMemory, "DefaultCPUAllocator: can't allocate memory")));
        Assert.Equal(RunState.Failed, run.State); // Trying again would not help.
        Assert.Equal("rank 0, before starting, out of memory: DefaultCPUAllocator: can't allocate memory (the plan estimates 3,072 MiB for each worker)", run.Failure!.ToString());
    }

    private static bool IsOfAttempt(string message) => message is "Phase" or "PhaseEval" or "Warning" or "Pulse" or "Listening" or "Step" or "Checkpoint" || message.StartsWith("End", StringComparison.Ordinal);

    private static int LiveRank(string state) => state == "Recovering+" ? 1 : 0;

    private static RunRecord Fold(RunRecord run, RunMessage message) =>
        RunLifecycle.Process(run, message, Samples.Noon, Limit).Aggregate(run, (state, change) => state.Apply(change));

    private static RunRecord Given(string state)
    {
        var queued = new RunRecord { Order = new RunOrder(Run, "/runs/early", 1), Since = Samples.Noon, Generation = Generation - 1 };
        var placing = Fold(queued, new RunMessage.Place([new("a", 0)]));
        var starting = placing.Apply(new AttemptPlaced(Run, Generation, Samples.Noon)); // As a journal tells it: no phase is known.
        var training = Fold(starting, new RunMessage.Step(Generation, "adaptation", 1));
        return state switch
        {
            "Queued" => queued,
            "Placing" => placing,
            "Starting" => starting,
            "Training" => training,
            "Evaluating" => training.Apply(new EvaluationEntered(Run, Generation, Samples.Noon)),
            "Recovering+" => Fold(Fold(queued, new RunMessage.Place([new("a", 0), new("a", 1)])), Message("EndCrash", Generation, 0)),
            "Recovering-" => Fold(training, Message("EndCrash", Generation, 0)),
            "Yielding" => Fold(training, Message("Yield", Generation, 0)),
            "Pausing" => Fold(training, Message("Pause", Generation, 0)),
            "Cancelling" => Fold(training, Message("Cancel", Generation, 0)),
            "Preempted" => Fold(Given("Yielding"), Message("EndStopped", Generation, 0)),
            "Paused" => Fold(Given("Pausing"), Message("EndStopped", Generation, 0)),
            "Cancelled" => Fold(Given("Cancelling"), Message("EndStopped", Generation, 0)),
            "Held" => Fold(training, Message("EndRung", Generation, 0)),
            "Pruned" => Fold(Given("Held"), Message("Prune", Generation, 0)),
            "Succeeded" => Fold(training, Message("EndOk", Generation, 0)),
            "Failed" => Fold(training, Message("EndBadInput", Generation, 0)),
            _ => throw new ArgumentOutOfRangeException(nameof(state), state, "Not a row."),
        };
    }

    private static RunMessage Message(string name, int generation, int rank) => name switch
    {
        "Submit" => new RunMessage.Submit(new RunOrder(Run, "/moved/early", 2)),
        "Pause" => new RunMessage.Stop(StopPurpose.Pause, "paused by ann"),
        "Cancel" => new RunMessage.Stop(StopPurpose.Cancel, "cancelled by ann"),
        "Yield" => new RunMessage.Stop(StopPurpose.Yield, "makes room for score"),
        "Resume" => new RunMessage.Resume("resumed by ann"),
        "Adopt" => new RunMessage.Adopt(),
        "Place" => new RunMessage.Place([new("a", 0)]),
        "GiveUp" => new RunMessage.GiveUp("no worker starts"),
        "Promote" => new RunMessage.Promote("promoted"),
        "Prune" => new RunMessage.Prune("ended early"),
        "EndRung" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.AtRung(5, "recall", 0.25)),
        "Phase" => new RunMessage.RankPhase(generation, rank, ReplicaPhase.LoadingData, "icons"),
        "PhaseEval" => new RunMessage.RankPhase(generation, rank, ReplicaPhase.Evaluating, "test"),
        "Listening" => new RunMessage.RankListening(generation, rank, "127.0.0.1:5"),
        "Step" => new RunMessage.Step(generation, "adaptation", 5),
        "Checkpoint" => new RunMessage.Checkpoint(generation, 5),
        "Warning" => new RunMessage.RankWarning(generation, rank, "the disk is full"),
        "Pulse" => new RunMessage.RankPulse(generation, rank, new RankPulse("forward", 5, null, 12, 0.3, 5), IsSilent: false),
        "EndOk" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.Succeeded()),
        "EndStopped" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.Stopped(5)),
        "EndCrash" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.Failed(FailureKind.Crashed, "killed")),
        "EndLost" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.Failed(FailureKind.NodeLost, "a is gone")),
        "EndBadInput" => new RunMessage.RankEnd(generation, rank, new ReplicaOutcome.Failed(FailureKind.BadInput, "no such file")),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "Not a column."),
    };

    private static TheoryData<string, string, string> ReadTable()
    {
        var lines = Table.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        var data = new TheoryData<string, string, string>();
        foreach (var line in lines.Skip(1))
            foreach (var (message, expected) in lines[0].Zip(line.Skip(1)))
                data.Add(line[0], message, expected);
        return data;
    }
}
