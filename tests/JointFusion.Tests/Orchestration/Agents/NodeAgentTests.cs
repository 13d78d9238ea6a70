using System.Collections.Immutable;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Configuration;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

public sealed class NodeAgentTests : IAsyncLifetime
{
    private readonly RecordingHost host = new();
    private ActorSystem system = null!;
    private IActorRef agent = ActorRefs.Nobody;

    public ValueTask InitializeAsync()
    {
        system = ActorSystem.Create("agent", ConfigurationFactory.ParseString("akka.stdout-loglevel = OFF\nakka.loglevel = OFF"));
        agent = system.ActorOf(NodeAgentHosting.PropsFor(new NodeOffer("a", 1, host), ActorRefs.Nobody, ClusterFixture.Fast.Agent));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync() => await system.Terminate();

    /// <summary>What the worker is told next, in order, is what tells whether it heard of the stale orders.</summary>
    [Fact]
    public async Task Should_do_nothing_of_what_a_coordinator_of_an_older_term_asks()
    {
        agent.Tell(Orders("led-since", term: 2));
        Assert.Equal("led-since", Assert.IsType<AgentMessage.Prepare>(await host.ToldAsync()).Order.Run);

        agent.Tell(Orders("stale", term: 1));
        agent.Tell(Orders(null, term: 1));
        agent.Tell(Orders("led-since", term: 2, journalled: 5));
        Assert.Equal(5, Assert.IsType<AgentMessage.Journalled>(await host.ToldAsync()).Step);

        agent.Tell(Orders(null, term: 3));
        Assert.IsType<AgentMessage.Stop>(await host.ToldAsync());
    }

    [Fact]
    public async Task Should_do_as_asked_when_a_coordinator_of_the_version_before_knows_no_terms()
    {
        agent.Tell(Orders("first", term: 2));
        Assert.IsType<AgentMessage.Prepare>(await host.ToldAsync());

        agent.Tell(Orders(null, term: null));
        Assert.IsType<AgentMessage.Stop>(await host.ToldAsync());
    }

    private static NodeOrders Orders(string? run, long? term, int? journalled = null)
    {
        ImmutableArray<SlotOrder> slots = run is null
            ? []
            : [new SlotOrder(0, new ReplicaOrder(run, 1, "/r", 0, 1, null, true), null, Ending.None, journalled)];
        return new NodeOrders("a", slots, term);
    }

    /// <summary>A worker that is ready at once and does nothing.</summary>
    private sealed class RecordingHost : IReplicaHost, IReplicaWorker
    {
        private readonly Channel<AgentMessage> told = Channel.CreateUnbounded<AgentMessage>();

        public IReplicaWorker Start(int slot, IReplicaWorkerEvents events)
        {
            events.Started(1);
            events.Received(new WorkerMessage.Hello(1));
            return this;
        }

        public async Task<AgentMessage> ToldAsync()
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            return await told.Reader.ReadAsync(limit.Token);
        }

        public void Send(AgentMessage message) => told.Writer.TryWrite(message);

        public void Kill(string reason)
        {
            // Nothing runs.
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
