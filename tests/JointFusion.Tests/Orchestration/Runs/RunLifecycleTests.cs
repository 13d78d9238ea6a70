using JointFusion.Orchestration;
using Xunit;
using static JointFusion.Tests.LifecycleSamples;

namespace JointFusion.Tests;

/// <summary>Every state against every message. "=" nothing happens; "note" the state stays, something else is taken down; else the next state.</summary>
public sealed class RunLifecycleTests
{
    private const string Table = """
                    Submit Prioritise Pause   Cancel     Yield    Resume   Adopt Place   GiveUp Phase    PhaseEval  Listening Step     Checkpoint EndOk       EndStopped  EndCrash    EndLost     EndBadInput Warning Pulse Promote Prune  EndRung
        Queued      note   note       Paused  Cancelled  =        =        =     Placing Failed =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Placing     note   note       Pausing Cancelling Yielding =        note  =       =      Starting Evaluating note      Training note       Succeeded   Recovering- Recovering- Recovering- Failed      note    note  =       =      Held
        Starting    note   note       Pausing Cancelling Yielding =        note  =       =      note     Evaluating note      Training note       Succeeded   Recovering- Recovering- Recovering- Failed      note    note  =       =      Held
        Training    note   note       Pausing Cancelling Yielding =        note  =       =      note     Evaluating note      note     note       Succeeded   Recovering- Recovering- Recovering- Failed      note    note  =       =      Held
        Evaluating  note   note       Pausing Cancelling Yielding =        note  =       =      note     note       note      Training note       Succeeded   Recovering- Recovering- Recovering- Failed      note    note  =       =      Held
        Recovering+ note   note       Pausing Cancelling =        =        note  =       =      note     note       note      note     note       Recovering- Recovering- Recovering- Recovering- Failed      note    note  =       =      Recovering-
        Recovering- note   note       Paused  Cancelled  =        =        =     Placing Failed =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Yielding    note   note       Pausing Cancelling =        =        note  =       =      note     note       note      note     note       Succeeded   Preempted   Preempted   Preempted   Failed      note    note  =       =      Held
        Pausing     note   note       =       Cancelling =        Yielding note  =       =      note     note       note      note     note       Succeeded   Paused      Paused      Paused      Failed      note    note  =       =      Paused
        Cancelling  note   note       =       =          =        Yielding note  =       =      note     note       note      note     note       Succeeded   Cancelled   Cancelled   Cancelled   Failed      note    note  =       =      Cancelled
        Preempted   note   note       Paused  Cancelled  =        =        =     Placing Failed =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Paused      note   note       =       Cancelled  =        Queued   =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Cancelled   note   note       =       =          =        Queued   =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Held        note   note       Paused  Cancelled  =        =        =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     Queued  Pruned =
        Pruned      note   note       =       =          =        =        =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     Queued  =      =
        Succeeded   note   note       =       =          =        =        =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
        Failed      note   note       =       =          =        Queued   =     =       =      =        =          =         =        =          =           =           =           =           =           =       =     =       =      =
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

    /// <summary>As the table calls it.</summary>
    private static string Row(RunRecord run) => run switch
    {
        { Stop: { } purpose } => purpose switch { StopPurpose.Yield => "Yielding", StopPurpose.Pause => "Pausing", _ => "Cancelling" },
        { State: RunState.Recovering } => run.Attempt is null ? "Recovering-" : "Recovering+",
        _ => run.State.ToString(),
    };

    private static bool IsOfAttempt(string message) => message is "Phase" or "PhaseEval" or "Warning" or "Pulse" or "Listening" or "Step" or "Checkpoint" || message.StartsWith("End", StringComparison.Ordinal);

    private static int LiveRank(string state) => state == "Recovering+" ? 1 : 0;

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
