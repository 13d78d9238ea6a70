using Akka.Actor;
using Akka.Configuration;

namespace JointFusion.Orchestration;

/// <summary>A node's agent in a process of its own. What <c>jf agent</c> hosts.</summary>
/// <remarks>
/// Agent and workers live in an ActorSystem that no cluster knows; an <see cref="Uplink"/> beside it joins the cluster and is built anew whenever
/// the coordinator has begun another life, the cluster has downed it, or nothing is heard through it any more.
/// </remarks>
public sealed class AgentHost : IAsyncDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(30);

    /// <summary>Longer than it takes to join, and than a busy machine is silent.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    private readonly AgentOptions options;
    private readonly Action<AgentNews> tell;
    private readonly ActorSystem system;
    private readonly IActorRef link, agent;
    private Uplink? uplink;
    private AgentNews last = AgentNews.Parted;

    /// <param name="tell">Called by <see cref="RunAsync"/>.</param>
    public AgentHost(AgentOptions options, Action<AgentNews> tell)
    {
        (this.options, this.tell) = (options, tell);
        system = ActorSystem.Create("agent", BootstrapSetup.Create().WithConfig(Settings(options)));
        link = system.ActorOf(Props.Create(() => new CoordinatorLink()), "coordinator");
        agent = system.ActorOf(NodeAgentHosting.PropsFor(options.Offer, link, options.Settings.Agent), "agent");
    }

    /// <summary>Keeps the agent joined until <paramref name="cancel"/>.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var timer = new PeriodicTimer(LookInterval, options.Clock);
        try
        {
            do
            {
                await LookAsync(cancel);
            }
            while (await timer.WaitForNextTickAsync(cancel));
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Asked to end.
        }
    }

    /// <summary>Each rank takes a checkpoint, its worker exits, and the node leaves the cluster.</summary>
    public async Task DrainAsync()
    {
        await agent.Ask<NodeAgent.WorkersEnded>(new NodeAgent.EndWorkers(Tells: true), options.Settings.Agent.ShutdownTime + EndTime);
        if (uplink is not null)
            await uplink.LeaveAsync();
    }

    /// <summary>Ends at once: workers are killed.</summary>
    public async ValueTask DisposeAsync()
    {
        await options.Offer.Host.DisposeAsync();
        if (uplink is not null)
            await uplink.DisposeAsync();
        await system.Terminate();
    }

    private static Config Settings(AgentOptions options) => ConfigurationFactory.ParseString($"""
        akka.loglevel = INFO
        akka.loggers = ["{typeof(FileLogger).FullName}, {typeof(FileLogger).Assembly.GetName().Name}"]
        """).WithFallback(AkkaSettings.Alone(options.Log));

    private async Task LookAsync(CancellationToken cancel)
    {
        var place = await options.Coordinator.FindAsync(cancel);
        if (place?.Term < uplink?.Place.Term)
            place = null; // It leads no more, and does not know it.
        if (place is not null && (uplink is null || uplink.Place != place || uplink.HasEnded || uplink.Silence > LongestSilence))
        {
            var before = uplink;
            uplink = await Uplink.StartAsync(options, link, place, cancel);
            if (before is not null)
                await before.DisposeAsync();
        }
        Tell(place is not null && uplink is { IsJoined: true, HasEnded: false } ? AgentNews.Joined : AgentNews.Parted);
    }

    private void Tell(AgentNews news)
    {
        if (news == last)
            return;
        last = news;
        tell(news);
    }
}
