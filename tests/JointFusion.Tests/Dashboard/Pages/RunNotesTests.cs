using JointFusion.Dashboard;
using Xunit;

namespace JointFusion.Tests;

public class RunNotesTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;
    private static readonly LiveRun Queued = new("one/early", LiveRunState.Queued, Start, null, 0, null, null);

    [Fact]
    public void Should_tell_states_reasons_and_checkpoints_once_each_the_newest_first()
    {
        var notes = new RunNotes();
        var training = Queued with { State = LiveRunState.Training, Since = Start.AddSeconds(2), Stage = "adaptation", Generation = 1 };
        var broken = training with { State = LiveRunState.Recovering, Since = Start.AddSeconds(9), Checkpoint = 5, Reason = "rank 1, while training, crashed" };
        foreach (var (run, seconds) in ((LiveRun, int)[])[(Queued, 1), (training, 3), (training, 4), (training with { Checkpoint = 5 }, 6), (broken, 9), (broken with { Reason = "waits for 2 workers" }, 10)])
            notes.Look(run, Start.AddSeconds(seconds));

        Assert.Equal(
            [
                (10, "waits for 2 workers"), (9, "recovering, attempt 1: rank 1, while training, crashed"), (6, "checkpoint at step 5"),
                (2, "training (adaptation), attempt 1"), (0, "queued"),
            ],
            notes.Of("one/early").Select(note => ((int)(note.At - Start).TotalSeconds, note.Text)));
        Assert.Empty(notes.Of("one/late"));
    }

    [Fact]
    public void Should_forget_the_oldest_when_very_much_happens()
    {
        var notes = new RunNotes();
        for (var step = 1; step <= 500; step++)
            notes.Look(Queued with { Checkpoint = step }, Start);

        Assert.Equal(RunNotes.MostKept, notes.Of("one/early").Length);
        Assert.Equal("checkpoint at step 500", notes.Of("one/early")[0].Text);
    }
}
