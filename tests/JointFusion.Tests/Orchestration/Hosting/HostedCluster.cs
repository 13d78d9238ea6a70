using System.Collections.Concurrent;
using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>A coordinator and agents that are hosted apart from each other, over real sockets with mutual TLS, in this process.</summary>
internal sealed class HostedCluster : IAsyncDisposable, ICoordinatorLocator
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("jf-hosted-");
    private readonly ConcurrentBag<(AgentHost Agent, CancellationTokenSource Stop, Task Running)> agents = [];
    private readonly PrivateAuthority authority = PrivateAuthority.Create(DateTimeOffset.UtcNow);

    public string Journal => Path.Combine(folder.FullName, "journal.db");

    /// <summary>Null while it is away.</summary>
    public CoordinatorHost? Coordinator { get; private set; }

    public CoordinatorClient Client => Coordinator!.Client;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task StartCoordinatorAsync() => Coordinator = await CoordinatorHost.StartAsync(
        new CoordinatorOptions
        {
            Journal = new SqliteJournal(Journal),
            SecretKey = Path.Combine(folder.FullName, "attempts.key"),
            Log = Path.Combine(folder.FullName, "coordinator.log"),
            Identity = authority.Issue("coordinator", ["127.0.0.1"], DateTimeOffset.UtcNow),
            Settings = ClusterFixture.Fast,
        },
        Cancel);

    public async Task StopCoordinatorAsync()
    {
        var ended = Coordinator!;
        Coordinator = null;
        await ended.DisposeAsync();
    }

    /// <param name="identity">Default: of this cluster's authority.</param>
    public AgentHost StartAgent(string name, IReplicaHost host, int slots = 1, ITransportIdentity? identity = null)
    {
        var options = new AgentOptions
        {
            Offer = new NodeOffer(name, slots, host),
            Coordinator = this,
            Identity = identity ?? authority.Issue(name, ["127.0.0.1"], DateTimeOffset.UtcNow),
            Log = Path.Combine(folder.FullName, $"{name}.log"),
            Settings = ClusterFixture.Fast,
        };
        var agent = new AgentHost(options, _ => { });
        var stop = new CancellationTokenSource();
        agents.Add((agent, stop, agent.RunAsync(stop.Token)));
        return agent;
    }

    public string LogOf(string name) => Path.Combine(folder.FullName, $"{name}.log");

    public Task<CoordinatorPlace?> FindAsync(CancellationToken cancel) => Task.FromResult(Coordinator?.Place);

    /// <summary>Asks until the answer is as wanted; the coordinator may be away meanwhile.</summary>
    public async Task<ClusterSnapshot> UntilAsync(Func<ClusterSnapshot, bool> wanted)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                var snapshot = await Client.Snapshot();
                if (wanted(snapshot))
                    return snapshot;
            }
            catch (CoordinatorAwayException)
            {
                // Asked again.
            }
            await Task.Delay(20, limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (agent, stop, running) in agents)
        {
            await stop.CancelAsync();
            await running;
            await agent.DisposeAsync();
            stop.Dispose();
        }
        if (Coordinator is not null)
            await Coordinator.DisposeAsync();
        authority.Dispose();
        folder.Delete(recursive: true);
    }
}
