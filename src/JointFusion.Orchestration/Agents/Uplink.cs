using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Hosting.SBR;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JointFusion.Orchestration;

/// <summary>One membership of an agent in a cluster. It ends when the cluster downs it, or when it does not see the coordinator for too long.</summary>
internal sealed class Uplink : IAsyncDisposable
{
    private static readonly TimeSpan LeaveTime = TimeSpan.FromSeconds(5);
    private readonly IHost host;
    private readonly ActorSystem system;
    private readonly TimeProvider clock;
    private long heardAt;
    private volatile bool isJoined;

    private Uplink(AgentOptions options, IActorRef link, CoordinatorPlace place)
    {
        clock = options.Clock;
        heardAt = clock.GetTimestamp();
        Place = place;
        host = Build(options, link, place, Heard);
        system = host.Services.GetRequiredService<ActorSystem>();
    }

    public CoordinatorPlace Place { get; }

    /// <summary>The coordinator has answered.</summary>
    public bool IsJoined => isJoined;

    public bool HasEnded => system.WhenTerminated.IsCompleted;

    /// <summary>Since the coordinator's last word; it has one for each report.</summary>
    public TimeSpan Silence => clock.GetElapsedTime(Interlocked.Read(ref heardAt));

    public static async Task<Uplink> StartAsync(AgentOptions options, IActorRef link, CoordinatorPlace place, CancellationToken cancel)
    {
        var uplink = new Uplink(options, link, place);
        await uplink.host.StartAsync(cancel);
        return uplink;
    }

    /// <summary>Says goodbye to the cluster, so that nobody has to notice.</summary>
    public async Task LeaveAsync()
    {
        if (HasEnded)
            return;
        var left = Akka.Cluster.Cluster.Get(system).LeaveAsync();
        await Task.WhenAny(left, Task.Delay(LeaveTime, clock));
    }

    /// <summary>Ends at once, without goodbye.</summary>
    public async ValueTask DisposeAsync()
    {
        await system.Terminate();
        host.Dispose();
    }

    private static IHost Build(AgentOptions options, IActorRef link, CoordinatorPlace place, Action heard)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        builder.Services.AddAkka(ClusterName.Value, akka => akka
            .AddHocon(AkkaSettings.For(options.Settings.Membership, options.Log), HoconAddMode.Prepend)
            .AddFileLogger()
            .WithRemoting(MutualTls.At(options.Address.ToString(), 0, options.Identity))
            .WithClustering(new ClusterOptions
            {
                Roles = [NodeAgent.Role],
                SeedNodes = [place.Seed],
                SplitBrainResolver = new StaticQuorumOption { Role = Coordinator.Role, QuorumSize = 1 },
            })
            .AddCoordinatorProxy()
            .WithActors((system, registry) =>
            {
                var coordinator = registry.Get<Coordinator>();
                system.ActorOf(Props.Create(() => new UplinkActor(link, coordinator, heard)), "uplink");
            }));
        return builder.Build();
    }

    private void Heard()
    {
        Interlocked.Exchange(ref heardAt, clock.GetTimestamp());
        isJoined = true;
    }
}
