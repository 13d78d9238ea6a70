using System.Collections.Immutable;
using Akka.Actor;
using Akka.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JointFusion.Orchestration;

/// <summary>A whole cluster in this process: coordinator, node agent and their workers. What <c>jf run</c> hosts.</summary>
/// <remarks>
/// Its transport listens on a free loopback port behind mutual TLS with an identity nobody else has, so any number may run side by side.
/// Disposing ends the workers, by force where they take too long; to checkpoint first, call <see cref="StopAll"/> and await <see cref="WhenIdle"/>.
/// </remarks>
public sealed class LocalCluster : IAsyncDisposable
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);
    private readonly IHost host;
    private readonly ThrowawayCertificate identity;
    private readonly LocalClusterOptions options;
    private readonly ClusterEventHub hub = new();
    private CoordinatorClient client = null!;
    private IActorRef agent = ActorRefs.Nobody;

    private LocalCluster(LocalClusterOptions options)
    {
        this.options = options;
        identity = new ThrowawayCertificate();
        host = LocalHost.Build(options, identity, hub);
    }

    /// <summary>Starts coordinator and agent and waits until the coordinator answers.</summary>
    /// <exception cref="InvalidOperationException">The journal cannot be used, or the coordinator does not come up.</exception>
    public static async Task<LocalCluster> StartAsync(LocalClusterOptions options, CancellationToken cancel = default)
    {
        await new SqliteJournal(options.Journal).CheckAsync(cancel);
        var cluster = new LocalCluster(options);
        try
        {
            await cluster.JoinAsync(cancel);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Submits a run; idempotent by its name. A known run keeps its state and takes over folder and workers.</summary>
    public Task Submit(RunOrder order) => client.Submit(order);

    /// <summary>Submits a sweep, before the runs that are part of it.</summary>
    public Task SubmitSweep(SweepOrder order) => client.SubmitSweep(order);

    /// <summary>Queues every paused and failed run again, to go on from its newest journalled checkpoint; a cancelled one is to be named for that.</summary>
    public async Task ResumeAll() => await client.Resume(await RunNames(run => run.State != RunState.Cancelled));

    /// <summary>Asks every run to checkpoint and end. Returns before they have: await <see cref="WhenIdle"/>.</summary>
    public async Task StopAll() => await client.Stop(await RunNames(run => true));

    /// <summary>Asks runs to checkpoint and end, to go on when they are resumed.</summary>
    public Task Pause(params ImmutableArray<string> runs) => client.Stop(runs);

    /// <summary>Ends runs soon, with time for no more than a quick checkpoint.</summary>
    public Task Cancel(params ImmutableArray<string> runs) => client.Cancel(runs);

    /// <summary>Queues paused, cancelled and failed runs again.</summary>
    public Task Resume(params ImmutableArray<string> runs) => client.Resume(runs);

    /// <summary>Gives a quarantined slot back to runs.</summary>
    public Task Release(SlotAddress slot) => client.Release(slot);

    public Task<ClusterSnapshot> Snapshot() => client.Snapshot();

    /// <summary>Everything that happens from now on. Dispose the feed when done.</summary>
    public ClusterEventFeed Subscribe() => hub.Subscribe();

    /// <summary>Completes once every run submitted so far has succeeded or failed, or is paused or cancelled.</summary>
    /// <exception cref="InvalidOperationException">The coordinator cannot go on; the message says why.</exception>
    public async Task<ClusterSnapshot> WhenIdle(CancellationToken cancel = default)
    {
        using var feed = Subscribe();
        var snapshot = await Snapshot();
        if (snapshot.AllRunsTerminal)
            return snapshot;
        await foreach (var change in feed.ReadAllAsync(cancel))
        {
            if (change is not RunChanged { Run.State: var state } || !state.IsTerminal())
                continue;
            snapshot = await Snapshot();
            if (snapshot.AllRunsTerminal)
                return snapshot;
        }
        throw new InvalidOperationException(
            hub.Failure.IsCompleted ? await hub.Failure : "The cluster was disposed while runs were not finished.");
    }

    /// <summary>Ends the workers, then the cluster. No process of it is left behind.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (!agent.IsNobody())
                await agent.Ask<NodeAgent.WorkersEnded>(new NodeAgent.EndWorkers(), options.Settings.Agent.ShutdownTime + AnswerTime);
        }
        finally
        {
            await options.Host.DisposeAsync(); // Kills what is left: whatever else fails, no worker stays behind.
            await host.StopAsync();
            host.Dispose();
            hub.Complete();
            identity.Dispose();
        }
    }

    private async Task JoinAsync(CancellationToken cancel)
    {
        await host.StartAsync(cancel);
        var system = host.Services.GetRequiredService<ActorSystem>();
        var cluster = Akka.Cluster.Cluster.Get(system);
        await cluster.JoinAsync(cluster.SelfAddress, cancel);
        var registry = host.Services.GetRequiredService<ActorRegistry>();
        client = new CoordinatorClient(await registry.GetAsync<Coordinator>(cancel), hub, LocalHost.LogFile(options));
        agent = await registry.GetAsync<NodeAgent>(cancel);
        await Snapshot();
    }

    private async Task<ImmutableArray<string>> RunNames(Func<RunSnapshot, bool> wanted) => [.. (await Snapshot()).Runs.Where(wanted).Select(run => run.Name)];
}
