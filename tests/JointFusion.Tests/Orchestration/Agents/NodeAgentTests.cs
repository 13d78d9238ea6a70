using System.Collections.Immutable;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class NodeAgentTests : IAsyncLifetime
{
    private readonly Channel<NodeReport> reports = Channel.CreateUnbounded<NodeReport>();
    private readonly ThreadReplicaHost host = new(attempt =>
    {
        attempt.Stop.WaitHandle.WaitOne();
        return new ReplicaOutcome.Stopped(0);
    });
    private ActorSystem system = null!;
    private IActorRef agent = ActorRefs.Nobody;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        system = ActorSystem.Create("agent", ConfigurationFactory.ParseString("akka.stdout-loglevel = OFF\nakka.loglevel = OFF"));
        var coordinator = system.ActorOf(Props.Create(() => new Listener(reports.Writer)));
        agent = system.ActorOf(NodeAgentHosting.PropsFor(new NodeOffer("a", 1, host), coordinator, ClusterFixture.Fast.Agent));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await system.Terminate();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Should_do_nothing_of_what_a_coordinator_of_an_older_term_asks()
    {
        agent.Tell(Orders("led-since", term: 2));
        await UntilAsync(work => work?.Run == "led-since");

        agent.Tell(Orders("stale", term: 1));
        agent.Tell(Orders(null, term: 1));
        agent.Tell(new NodeAgent.ReportNow());
        Assert.Equal("led-since", (await UntilAsync(_ => true))?.Run);

        agent.Tell(Orders(null, term: 3));
        await UntilAsync(work => work is null or { Outcome: not null });
    }

    [Fact]
    public async Task Should_do_as_asked_when_a_coordinator_of_the_version_before_knows_no_terms()
    {
        agent.Tell(Orders("first", term: 2));
        await UntilAsync(work => work?.Run == "first");

        agent.Tell(Orders(null, term: null));
        await UntilAsync(work => work is null or { Outcome: not null });
    }

    private static NodeOrders Orders(string? run, long? term)
    {
        ImmutableArray<SlotOrder> slots = run is null ? [] : [new SlotOrder(0, new ReplicaOrder(run, 1, "/r", 0, 1, null, true), null, Ending.None)];
        return new NodeOrders("a", slots, term);
    }

    /// <summary>Each report that comes, until one is as wanted.</summary>
    private async Task<SlotWork?> UntilAsync(Func<SlotWork?, bool> wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var work = (await reports.Reader.ReadAsync(limit.Token)).Slots[0].Work;
            Assert.NotEqual("stale", work?.Run);
            if (wanted(work))
                return work;
        }
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(ChannelWriter<NodeReport> reports)
        {
            Receive<NodeReport>(report => reports.TryWrite(report));
        }
    }
}
