using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class LinkJsonTests
{
    internal static readonly AgentMessage[] ToWorker =
    [
        new AgentMessage.Prepare(new ReplicaOrder("early", 2, "/runs/early", 1, 2, 60, true)),
        new AgentMessage.Begin(new RankAssignment("early", 2, 1, ["h:1", "h:2"], "secret")),
        new AgentMessage.Journalled("early", 2, 60), new AgentMessage.Stop("early", 2), new AgentMessage.Shutdown(),
    ];

    internal static readonly WorkerMessage[] ToAgent =
    [
        new WorkerMessage.Hello(7), new WorkerMessage.Listening("early", 2, "h:1"),
        new WorkerMessage.Phase("early", 2, ReplicaPhase.LoadingData, "shards"), new WorkerMessage.Step("early", 2, Samples.Metrics("early", 2, 3)),
        new WorkerMessage.Checkpoint("early", 2, 60), new WorkerMessage.Warning("early", 2, "the disk is full"),
        new WorkerMessage.Pulse("early", 2, new RankPulse("forward", 7, "any of 1 bytes", 9, 0.5, 5)), new WorkerMessage.Ended("early", 2, new ReplicaOutcome.Succeeded(), 0),
        new WorkerMessage.Ended("early", 2, new ReplicaOutcome.Stopped(3), 1),
        new WorkerMessage.Ended("early", 2, new ReplicaOutcome.Failed(FailureKind.NonFinite, "loss is NaN"), 0),
    ];

    [Fact]
    public void Should_come_back_whole_when_a_message_crosses_the_link()
    {
        foreach (var message in ToWorker)
            Assert.Equivalent(message, JsonSerializer.Deserialize(JsonSerializer.Serialize(message, LinkJson.Default.AgentMessage), LinkJson.Default.AgentMessage), strict: true);
        foreach (var message in ToAgent)
            Assert.Equivalent(message, JsonSerializer.Deserialize(JsonSerializer.Serialize(message, LinkJson.Default.WorkerMessage), LinkJson.Default.WorkerMessage), strict: true);
    }

    [Fact]
    public void Should_have_an_example_when_a_message_exists()
    {
        Assert.Equal(Nested<AgentMessage>(), ToWorker.Select(message => message.GetType().Name).Distinct().Order());
        Assert.Equal(Nested<WorkerMessage>(), ToAgent.Select(message => message.GetType().Name).Distinct().Order());
    }

    private static IEnumerable<string> Nested<T>() => typeof(T).GetNestedTypes().Where(type => !type.IsAbstract).Select(type => type.Name).Order();
}
