using JointFusion.Cli;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>What a server notes beside a run, and what of it counts.</summary>
public sealed class RunStandingTests : ScheduledCluster
{
    [Fact]
    public void Should_count_a_users_wish_from_when_it_is_known_when_the_attempt_has_not_ended_yet()
    {
        Nodes(("a", 2));
        Submit(Order("run", 2));
        Report("a");
        Assert.Equal(new RunStanding(null, null, 0, now, 2), Standing());

        Do(new StopRuns(["run"], "ann"));
        Assert.Equal((RunState.Stopping, RunState.Paused, "paused by ann"), (state.Find("run")!.State, Standing().State, Standing().Reason));
        Do(new CancelRuns(["run"], "bob"));
        Assert.Equal((RunState.Cancelled, "cancelled by bob"), (Standing().State, Standing().Reason));

        now = now.AddMinutes(1);
        End("run", new ReplicaOutcome.Stopped(3));
        Assert.Equal(new RunStanding(RunState.Cancelled, "cancelled by bob", 120, null, 0), Standing());
    }

    [Fact]
    public void Should_note_nothing_of_a_run_that_goes_on_by_itself()
    {
        Submit(Order("run", 2));
        Assert.Equal(RunStanding.New, Standing());
        Nodes(("a", 2));
        Do(new DrainNode("a"));
        Assert.Equal((RunState.Stopping, null, null), (state.Find("run")!.State, Standing().State, Standing().Reason));
    }

    [Fact]
    public void Should_note_the_priority_that_a_user_has_given_it_and_not_that_of_its_spec()
    {
        Submit(Order("run", 2) with { Priority = 3 });
        Assert.Equal(RunStanding.New, Standing());

        Do(new PrioritiseRuns(["run"], 0, "ann"));
        Assert.Equal(RunStanding.New with { Priority = 0 }, Standing());
        Assert.Contains("\"priority\": 0", NoteFile.TextOf(Standing()), StringComparison.Ordinal);

        Do(new PrioritiseRuns(["run"], 3, "bob"));
        Assert.Equal(RunStanding.New with { Priority = 3 }, Standing());
    }

    [Fact]
    public void Should_count_the_attempt_under_way_up_to_its_last_step()
    {
        var standing = new RunStanding(null, null, 100, now, 2);
        Assert.Equal(120, standing.UsedUntil(now.AddSeconds(10)).TotalSeconds);
        Assert.Equal(100, standing.UsedUntil(now.AddSeconds(-10)).TotalSeconds); // The last step was an earlier attempt's.
    }

    private RunStanding Standing() => RunStanding.Of(ClusterSnapshot.Of(state).Runs[0]);
}
