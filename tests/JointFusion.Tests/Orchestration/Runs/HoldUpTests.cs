using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class HoldUpTests
{
    private static readonly RankPulse Busy = new("forward", 34, null, 170, 0.2, 5);
    private static readonly RankPulse Late = Busy with { Seconds = 6 };
    private static readonly RankPulse Waits = new("exchange", 34, "all_reduce of 400 bytes", 171, 0.2, 5);
    private static readonly RankPulse WaitsLong = Waits with { Seconds = 7 };

    public static TheoryData<string, RankPulse?, bool, RankPulse?, bool, string?> Cases { get; } = new()
    {
        { "all is well", Busy, false, Busy, false, null },
        { "no pulse yet", null, false, WaitsLong, false, null },
        { "one is late", WaitsLong, false, Late, false, "rank 1 (pid 78, a/1) is stuck in forward of step 34, past its budget of 5 s" },
        { "one waits for one that is within its budget", WaitsLong, false, Busy with { Seconds = 4 }, false, null },
        { "one is silent", WaitsLong, false, Busy, true, "rank 1 (pid 78, a/1) is silent since forward of step 34: its process is stopped, or gets no processor time" },
        { "the silent one comes before the late one", Late, false, Waits, true, "rank 1 (pid 78, a/1) is silent since exchange of step 34: its process is stopped, or gets no processor time" },
        { "the later one comes first", Late, false, Late with { Seconds = 12, Doing = "data" }, false, "rank 1 (pid 78, a/1) is stuck in data of step 34, past its budget of 5 s" },
        { "the later one comes first, by its budget", Late, false, Late with { Seconds = 12, Doing = "data", BudgetSeconds = 11 }, false, "rank 0 (pid 77, a/0) is stuck in forward of step 34, past its budget of 5 s" },
        { "the link is stuck", WaitsLong, false, WaitsLong, false, "all ranks wait in exchange of step 34 (all_reduce of 400 bytes), past the budget of 5 s: the link between them stands still" },
        { "not yet", WaitsLong, false, Waits, false, null },
        { "one is left behind", WaitsLong, false, WaitsLong with { Collectives = 170, Collective = "any of 1 bytes" }, false, "rank 1 (pid 78, a/1) is still in exchange of step 34 (any of 1 bytes), past its budget of 5 s, while others are further" },
        { "before the first step", Busy, false, new RankPulse("loading data", 0, null, 3, 601, 600), false, "rank 1 (pid 78, a/1) is stuck in loading data, past its budget of 600 s" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Should_NameTheCulprit_When_RanksDoNotGoOn(string when, RankPulse? first, bool firstSilent, RankPulse? second, bool secondSilent, string? named)
    {
        var attempt = Attempt.On([new("a", 0), new("a", 1)], null, Samples.Noon)
            .With(0, rank => rank with { Pulse = first, IsSilent = firstSilent })
            .With(1, rank => rank with { Pulse = second, IsSilent = secondSilent });
        Assert.Equal((when, named), (when, HoldUp.Of(attempt, Nodes)));
    }

    [Fact]
    public void Should_NameNobody_When_TheOnlyLateRankHasEnded()
    {
        var attempt = Attempt.On([new("a", 0), new("a", 1)], null, Samples.Noon)
            .With(0, rank => rank with { Pulse = WaitsLong })
            .With(1, rank => rank with { Pulse = Late, Outcome = new ReplicaOutcome.Succeeded() });
        Assert.Null(HoldUp.Of(attempt, Nodes));
    }

    [Theory]
    [InlineData(0.9, 0.2, "rank 1 (pid 78, a/1) is slow, mostly in backward: the others wait for it")]
    [InlineData(0.4, 0.2, null)] // About the same.
    [InlineData(0.0, 0.9, "rank 0 (pid 77, a/0) is slow, mostly in backward: the others wait for it")]
    public void Should_NameTheSlow_When_OthersWaitForItInEveryStep(double firstWaits, double secondWaits, string? named)
    {
        var run = new RunRecord { Order = ClusterFixture.Order("early", 2), Since = Samples.Noon, Attempt = Attempt.On([new("a", 0), new("a", 1)], null, Samples.Noon), Generation = 1 };
        for (var second = 0; second < 100; second++)
            foreach (var (rank, waits) in new[] { (0, firstWaits), (1, secondWaits) })
            {
                var isWaiting = second % 10 < 10 * waits;
                var pulse = (isWaiting ? Waits : Busy with { Doing = second % 10 == 9 ? "data" : "backward" }) with { Step = 1 + second };
                run = run.Apply(new RankPulsed("early", 1, rank, pulse, IsSilent: false));
                if (second < 20)
                    Assert.Null(HoldUp.Of(run.Attempt!, Nodes)); // Too soon to say.
            }
        Assert.Equal(named, HoldUp.Of(run.Attempt!, Nodes));
        Assert.Equal(named, RunSnapshot.Of(run with { State = RunState.Training }, Nodes).Reason);
    }

    [Fact]
    public void Should_CountAPulseOnce_When_ANodeRepeatsItself()
    {
        var run = new RunRecord { Order = ClusterFixture.Order("early", 1), Since = Samples.Noon, Attempt = Attempt.On([new("a", 0)], null, Samples.Noon), Generation = 1 };
        foreach (var isSilent in new[] { false, true, false })
            run = run.Apply(new RankPulsed("early", 1, 0, Busy, isSilent));
        Assert.Equal(1, run.Attempt!.Ranks[0].Pace.Pulses);
    }

    private static NodeRegistry Nodes => NodeRegistry.Empty.Apply(new NodeUpdated(new NodeReport("a", [.. Enumerable.Range(0, 2).Select(slot => SlotState.New(slot).Started(77 + slot).Report)])));
}
