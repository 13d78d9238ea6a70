using JointFusion.Orchestration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace JointFusion.Tests;

public sealed class AkkaSettingsTests
{
    [Fact]
    public void Should_bind_when_settings_come_from_configuration()
    {
        var values = new Dictionary<string, string?>
        {
            ["Limits:FruitlessAttempts"] = "7",
            ["Agent:AbortTime"] = "00:00:03",
            ["Membership:HeartbeatPause"] = "00:00:42",
        };
        var bound = new ConfigurationBuilder().AddInMemoryCollection(values).Build().Get<OrchestrationSettings>()!;

        Assert.Equal((7, 5), (bound.Limits.FruitlessAttempts, bound.Limits.FailedStarts));
        Assert.Equal(TimeSpan.FromSeconds(3), bound.Agent.AbortTime);
        Assert.Equal(TimeSpan.FromSeconds(42), bound.Membership.HeartbeatPause);
    }

    [Fact]
    public void Should_reach_akka_when_a_membership_setting_is_given()
    {
        var membership = new MembershipSettings
        {
            GossipInterval = TimeSpan.FromMilliseconds(120),
            HeartbeatInterval = TimeSpan.FromMilliseconds(340),
            HeartbeatPause = TimeSpan.FromSeconds(5),
            CoordinatorSearchInterval = TimeSpan.FromMilliseconds(60),
            LongestMessage = 200_000,
        };
        var config = AkkaSettings.For(membership, new SqliteJournal("/a \"b\"/journal.db"), "/a/log").GetConfig("akka");

        Assert.Equal(120, config.GetTimeSpan("cluster.gossip-interval").TotalMilliseconds);
        Assert.Equal(120, config.GetTimeSpan("cluster.leader-actions-interval").TotalMilliseconds);
        Assert.Equal(340, config.GetTimeSpan("cluster.failure-detector.heartbeat-interval").TotalMilliseconds);
        Assert.Equal(5, config.GetTimeSpan("cluster.failure-detector.acceptable-heartbeat-pause").TotalSeconds);
        Assert.Equal(60, config.GetTimeSpan("cluster.singleton-proxy.singleton-identification-interval").TotalMilliseconds);
        Assert.Equal(200_000, config.GetByteSize("remote.dot-netty.tcp.maximum-frame-size"));
        Assert.Contains("/a \"b\"/journal.db", config.GetString("persistence.journal.sql.connection-string").Replace("\"\"", "\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
