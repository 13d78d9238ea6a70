using JointFusion.Orchestration;
using Xunit;

namespace JointFusion.Tests;

/// <summary>Folders for clusters of one test, and settings that form and fail fast.</summary>
internal sealed class ClusterFixture : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("jf-test-");

    public static OrchestrationSettings Fast { get; } = new()
    {
        Limits = new ClusterLimits { FruitlessAttempts = 3, FailedStarts = 2 },
        Agent = new AgentSettings
        {
            AbortTime = TimeSpan.FromSeconds(1),
            ShutdownTime = TimeSpan.FromSeconds(5),
            RespawnPause = TimeSpan.FromMilliseconds(10),
        },
        Membership = new MembershipSettings { GossipInterval = TimeSpan.FromMilliseconds(50), CoordinatorSearchInterval = TimeSpan.FromMilliseconds(20) },
    };

    public string Folder => folder.FullName;

    public Task<LocalCluster> Start(int workers, IReplicaHost host, OrchestrationSettings? settings = null) => LocalCluster.StartAsync(
        new LocalClusterOptions
        {
            Journal = Path.Combine(Folder, "journal.db"),
            LogFolder = Path.Combine(Folder, "logs"),
            Workers = workers,
            Host = host,
            Settings = settings ?? Fast,
        },
        TestContext.Current.CancellationToken);

    public static RunOrder Order(string run, int workers) => new(run, $"/runs/{run}", workers);

    public void Dispose() => folder.Delete(recursive: true);
}
