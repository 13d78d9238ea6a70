using System.Net;
using Akka.Cluster.Hosting;
using Akka.Cluster.Hosting.SBR;
using Akka.Hosting;
using Akka.Remote.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace JointFusion.Orchestration;

/// <summary>Composes the ActorSystem of a <see cref="LocalCluster"/>.</summary>
internal static class LocalHost
{
    public static string LogFile(LocalClusterOptions options) => Path.Combine(options.LogFolder, "coordinator.log");

    public static IHost Build(LocalClusterOptions options, ThrowawayCertificate identity, ClusterEventHub hub)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton<IHostLifetime, CallerLifetime>();
        builder.Services.AddAkka(ClusterName.Value, akka => Compose(akka, options, identity, hub));
        return builder.Build();
    }

    private static void Compose(AkkaConfigurationBuilder akka, LocalClusterOptions options, ThrowawayCertificate identity, ClusterEventHub hub)
    {
        var settings = options.Settings;
        akka
            .AddHocon(AkkaSettings.For(settings.Membership, new SqliteJournal(options.Journal), LogFile(options)), HoconAddMode.Prepend)
            .AddFileLogger()
            .WithRemoting(MutualTls.At(IPAddress.Loopback.ToString(), 0, identity))
            .WithClustering(new ClusterOptions
            {
                Roles = [Coordinator.Role, NodeAgent.Role],
                SplitBrainResolver = new StaticQuorumOption { Role = Coordinator.Role, QuorumSize = 1 },
            })
            .AddEventBridge(hub.Publish)
            .AddCoordinator(settings.Limits, new AttemptSecrets(), options.Clock)
            .AddNodeAgent(new NodeOffer("local", options.Workers, options.Host), settings.Agent);
    }
}
