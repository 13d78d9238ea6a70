using Akka.Actor;
using Akka.Hosting;

namespace JointFusion.Orchestration;

/// <summary>Hands the event stream's <see cref="ClusterEvent"/>s to readers outside the actors.</summary>
internal sealed class EventBridge : ReceiveActor
{
    public EventBridge(Action<ClusterEvent> take)
    {
        Receive<ClusterEvent>(take);
    }
}

internal static class EventBridgeHosting
{
    /// <summary>From before the first event on.</summary>
    public static AkkaConfigurationBuilder AddEventBridge(this AkkaConfigurationBuilder builder, Action<ClusterEvent> take) =>
        builder.WithActors((system, _) =>
        {
            var bridge = system.ActorOf(Props.Create(() => new EventBridge(take)), "event-bridge");
            system.EventStream.Subscribe(bridge, typeof(ClusterEvent));
        });
}
