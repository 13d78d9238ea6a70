using Akka.Actor;

namespace JointFusion.Orchestration;

/// <summary>The agent's end in the cluster: what the coordinator knows as the node, and watches.</summary>
internal sealed class UplinkActor : ReceiveActor
{
    private readonly IActorRef link;

    /// <param name="link">The <see cref="CoordinatorLink"/>, in another ActorSystem of this process.</param>
    /// <param name="heard">Called at each word of the coordinator.</param>
    public UplinkActor(IActorRef link, IActorRef coordinator, Action heard)
    {
        this.link = link;
        Receive<NodeReport>(report => coordinator.Tell(report));
        Receive<StepReport>(step => coordinator.Tell(step));
        Receive<NodeOrders>(orders =>
        {
            heard();
            link.Tell(orders);
        });
    }

    protected override void PreStart() => link.Tell(new CoordinatorLink.Connect());
}
