using System.Net;
using Akka.Actor;
using Akka.Cluster.Hosting;
using Akka.Cluster.Hosting.SBR;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JointFusion.Orchestration;

/// <summary>A coordinator that node agents of other processes and machines join. What <c>jf serve</c> hosts.</summary>
/// <remarks>
/// Disposing it ends no run: agents and workers go on, and report again to the next one over the same journal. It is meant to be no more than
/// what a crash does, so that there is one way back and not two.
/// </remarks>
public sealed class CoordinatorHost : IAsyncDisposable
{
    private readonly IHost host;
    private readonly ClusterEventHub hub = new(outlivesFailures: true);
    private readonly ActorSystem system;

    private CoordinatorHost(CoordinatorOptions options)
    {
        host = Build(options, hub);
        system = host.Services.GetRequiredService<ActorSystem>();
    }

    internal ActorSystem System => system;

    public CoordinatorClient Client { get; private set; } = null!;

    /// <summary>Where agents join, and of which life of the coordinator.</summary>
    public CoordinatorPlace Place { get; private set; } = null!;

    /// <summary>Returns once the coordinator answers.</summary>
    /// <exception cref="InvalidOperationException">The journal cannot be used, or the coordinator does not come up.</exception>
    /// <exception cref="IOException">The key of the attempts' secrets cannot be used.</exception>
    public static async Task<CoordinatorHost> StartAsync(CoordinatorOptions options, CancellationToken cancel = default)
    {
        await options.Journal.CheckAsync(cancel);
        var coordinator = new CoordinatorHost(options);
        try
        {
            await coordinator.JoinAsync(options, cancel);
            return coordinator;
        }
        catch
        {
            await coordinator.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await system.Terminate();
        host.Dispose();
        hub.Complete();
    }

    private static IHost Build(CoordinatorOptions options, ClusterEventHub hub)
    {
        var settings = options.Settings;
        var secrets = AttemptSecrets.KeptIn(options.SecretKey);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        builder.Services.AddAkka(ClusterName.Value, akka => akka
            .AddHocon(AkkaSettings.For(settings.Membership, options.Journal, options.Log), HoconAddMode.Prepend)
            .AddFileLogger()
            .WithRemoting(MutualTls.At(options.Address.ToString(), options.Port, options.Identity))
            .WithClustering(new ClusterOptions
            {
                Roles = [Coordinator.Role],
                SplitBrainResolver = new StaticQuorumOption { Role = Coordinator.Role, QuorumSize = 1 },
            })
            .AddEventBridge(hub.Publish)
            .AddKeptCoordinator(settings.Limits, secrets, options.Clock, options.Term));
        return builder.Build();
    }

    private async Task JoinAsync(CoordinatorOptions options, CancellationToken cancel)
    {
        await host.StartAsync(cancel);
        var cluster = Akka.Cluster.Cluster.Get(system);
        await cluster.JoinAsync(cluster.SelfAddress, cancel);
        var registry = host.Services.GetRequiredService<ActorRegistry>();
        Client = new CoordinatorClient(await registry.GetAsync<Coordinator>(cancel), hub, options.Log);
        Place = new CoordinatorPlace(cluster.SelfAddress.ToString(), Guid.NewGuid().ToString("N"), options.Term);
        await Client.Snapshot();
    }
}

/// <summary>What a coordinator of its own process needs.</summary>
public sealed record CoordinatorOptions
{
    /// <summary>What it holds of unfinished runs goes on.</summary>
    public required JournalPlace Journal { get; init; }

    /// <summary>Granted by a <see cref="LeaderLease"/> where others may lead too. Default null: the journal is this coordinator's alone, which then counts for itself.</summary>
    public long? Term { get; init; }

    /// <summary>File of the key behind the attempts' secrets; made if missing.</summary>
    public required string SecretKey { get; init; }

    /// <summary>Takes Akka's lines.</summary>
    public required string Log { get; init; }

    public required ITransportIdentity Identity { get; init; }

    /// <summary>Bound, and where agents reach it. Default 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Default 0: a free one.</summary>
    public int Port { get; init; }

    public OrchestrationSettings Settings { get; init; } = new();

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <param name="Seed">Akka address of its ActorSystem.</param>
/// <param name="Incarnation">Another each time it starts: agents that see it change join anew.</param>
/// <param name="Term">Granted by a <see cref="LeaderLease"/>: of two that say they lead, the one of the lower term does no more. Null where there is none.</param>
public sealed record CoordinatorPlace(string Seed, string Incarnation, long? Term = null);
