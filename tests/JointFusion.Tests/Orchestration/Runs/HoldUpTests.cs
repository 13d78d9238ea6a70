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

    private static NodeRegistry Nodes => NodeRegistry.Empty.Apply(new NodeUpdated(new NodeReport("a", [.. Enumerable.Range(0, 2).Select(slot => SlotState.New(slot).Started(77 + slot).Report)])));
}
