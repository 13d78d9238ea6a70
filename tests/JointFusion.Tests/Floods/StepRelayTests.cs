using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class StepRelayTests
{
    [Fact]
    public void Should_pass_the_newest_on_in_order_and_count_the_others_when_steps_come_too_fast()
    {
        var relay = new StepRelay(capacity: 100);
        for (var step = 1; step <= 1000; step++)
            relay.Add(new StepReport(Samples.Metrics("early", 1, step)));

        Assert.Equal(900, relay.Dropped);
        Assert.Equal(Enumerable.Range(901, 64), relay.Take(StepRelay.Batch).Select(report => report.Metrics.Step));
        Assert.Equal(Enumerable.Range(965, 36), relay.Take(StepRelay.Batch).Select(report => report.Metrics.Step));
        Assert.True(relay.IsEmpty);
    }

    [Fact]
    public void Should_tell_its_actor_once_and_keep_the_newest_when_it_is_kept_from_looking()
    {
        var inbox = new StepInbox();
        var told = Enumerable.Range(1, 1000).Count(step => inbox.Add(new WorkerMessage.Step("early", 1, Samples.Metrics("early", 1, step))));

        Assert.Equal(1, told);
        Assert.Equal(Enumerable.Range(745, 256), inbox.TakeAll().Select(step => step.Metrics.Step));
        Assert.True(inbox.Add(new WorkerMessage.Step("early", 1, Samples.Metrics("early", 1, 1))));
    }
}
