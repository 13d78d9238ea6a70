using System.Globalization;
using Akka.Configuration;
using Akka.Persistence.Sql;

namespace JointFusion.Orchestration;

/// <summary>The one place where our settings become Akka's.</summary>
public static class AkkaSettings
{
    /// <summary>Of a member that keeps a journal.</summary>
    /// <param name="log">File of <see cref="FileLogger"/>.</param>
    public static Config For(MembershipSettings membership, JournalPlace journal, string log) =>
        KeptIn(journal).WithFallback(For(membership, log)).WithFallback(SqlPersistence.DefaultConfiguration);

    /// <summary>Of a member.</summary>
    /// <param name="log">File of <see cref="FileLogger"/>.</param>
    public static Config For(MembershipSettings membership, string log) => ConfigurationFactory.ParseString($$"""
        akka {
          actor {
            serializers {
              protocol = "{{TypeName(typeof(ProtocolSerializer))}}"
              json = "{{TypeName(typeof(RefusingSerializer))}}"
            }
            serialization-bindings { "{{TypeName(typeof(IProtocolMessage))}}" = protocol }
          }
          remote {
            dot-netty.tcp.maximum-frame-size = {{membership.LongestMessage}}b
            retry-gate-closed-for = 1s
          }
          cluster {
            split-brain-resolver.stable-after = {{Time(membership.StableAfter)}}
            down-removal-margin = 1s
            retry-unsuccessful-join-after = 2s
            seed-node-timeout = 2s
            downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
            gossip-interval = {{Time(membership.GossipInterval)}}
            leader-actions-interval = {{Time(membership.GossipInterval)}}
            periodic-tasks-initial-delay = {{Time(membership.GossipInterval / 2)}}
            failure-detector {
              heartbeat-interval = {{Time(membership.HeartbeatInterval)}}
              acceptable-heartbeat-pause = {{Time(membership.HeartbeatPause)}}
            }
            singleton.hand-over-retry-interval = 200ms
            singleton-proxy.singleton-identification-interval = {{Time(membership.CoordinatorSearchInterval)}}
          }
        }
        """).WithFallback(Alone(log));

    /// <summary>Of an ActorSystem that talks to no other.</summary>
    /// <param name="log">File of <see cref="FileLogger"/>.</param>
    public static Config Alone(string log) => ConfigurationFactory.ParseString($$"""
        akka {
          stdout-loglevel = OFF
          stdout-logger-class = "{{TypeName(typeof(SilentLogger))}}"
          coordinated-shutdown { run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = off, exit-clr = off }
        }
        {{FileLogger.PathSetting}} = "{{Escape(log)}}"
        """);

    private static Config KeptIn(JournalPlace journal) => ConfigurationFactory.ParseString($$"""
        akka.persistence.snapshot-store.plugin = "akka.persistence.no-snapshot-store" # The default one makes a folder where its user happens to be.
        akka.persistence.journal {
          plugin = "akka.persistence.journal.sql"
          sql { provider-name = "{{journal.Provider}}", auto-initialize = on, connection-string = "{{Escape(journal.Connection)}}" }
        }
        """);

    private static string TypeName(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";

    private static string Time(TimeSpan time) => time.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture) + "ms";

    private static string Escape(string text) => text.Replace("\\", "\\\\").Replace("\"", "\\\"");
}
