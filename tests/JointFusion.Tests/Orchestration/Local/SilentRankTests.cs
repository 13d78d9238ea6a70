using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>A rank whose pulse stays away is named first, and killed when it stays away for long.</summary>
public sealed class SilentRankTests : IDisposable
{
    private readonly ClusterFixture fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => fixture.Dispose();

    [Fact]
    public async Task Should_name_a_silent_rank_and_take_it_back_when_it_is_heard_again()
    {
        using var named = new ManualResetEventSlim();
        await using var cluster = await fixture.Start(2, new ThreadReplicaHost(attempt =>
        {
            attempt.Reports.Pulse(Pulse);
            named.Wait(Cancel);
            attempt.Reports.Pulse(Pulse);
            return FakeReplica.TrainToTheEnd(attempt);
        }), Silent(TimeSpan.FromMinutes(1)));
        using var feed = cluster.Subscribe();
        await cluster.Submit(ClusterFixture.Order("early", 2));
        await ReasonAsync(feed, ", local/0) is silent since forward of step 3");
        named.Set();
        Assert.Equal((RunState.Succeeded, null), ((await cluster.WhenIdle(Cancel)).Runs.Single().State, (await cluster.Snapshot()).Runs.Single().Reason));
    }

    [Fact]
    public async Task Should_kill_a_silent_rank_and_go_on_when_it_stays_silent()
    {
        var host = new ThreadReplicaHost(attempt =>
        {
            attempt.Reports.Pulse(Pulse);
            return attempt is { Order: { Generation: 1, Rank: 1 } } ? attempt.WaitForStop(0) : FakeReplica.TrainToTheEnd(attempt);
        });
        await using var cluster = await fixture.Start(2, host, Silent(TimeSpan.FromSeconds(0.5)));
        using var feed = cluster.Subscribe();
        await cluster.Submit(ClusterFixture.Order("early", 2));
        await ReasonAsync(feed, "rank 1, while starting, crashed: it was silent for 0.5 s");
        Assert.Equal((RunState.Succeeded, 2), ((await cluster.WhenIdle(Cancel)).Runs.Single().State, (await cluster.Snapshot()).Runs.Single().Generation));
    }

    private static RankPulse Pulse { get; } = new("forward", 3, null, 12, 0.1, 5);

    private static OrchestrationSettings Silent(TimeSpan longest) => ClusterFixture.Fast with
    {
        Agent = ClusterFixture.Fast.Agent with { SilenceTime = TimeSpan.FromSeconds(0.2), LongestSilence = longest },
    };

    private static async Task ReasonAsync(ClusterEventFeed feed, string part)
    {
        List<string> reasons = [];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        try
        {
            await foreach (var change in feed.ReadAllAsync(limit.Token))
            {
                if (change is not RunChanged { Run.Reason: { } reason })
                    continue;
                if (reason.Contains(part, StringComparison.Ordinal))
                    return;
                reasons.Add(reason);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"No run gave \"{part}\" as its reason; they gave: {string.Join("; ", reasons)}");
        }
    }
}
