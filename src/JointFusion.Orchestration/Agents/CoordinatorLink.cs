using Akka.Actor;

namespace JointFusion.Orchestration;

/// <summary>Stands for the coordinator among the agent's actors, whichever uplink leads there now; without one, what is told is dropped.</summary>
/// <remarks>
/// <code>
/// WorkerActors - NodeAgent - CoordinatorLink | UplinkActor - transport - Coordinator
/// an ActorSystem without transport           | one that the cluster may down, and that is then built anew
/// </code>
/// </remarks>
internal sealed class CoordinatorLink : ReceiveActor
{
    private IActorRef uplink = ActorRefs.Nobody;
    private IActorRef agent = ActorRefs.Nobody;

    public CoordinatorLink()
    {
        Receive<Connect>(_ =>
        {
            uplink = Sender;
            agent.Tell(new NodeAgent.ReportNow());
        });
        Receive<NodeOrders>(orders =>
        {
            if (Sender.Equals(uplink)) // Not of one before, which may lead to a coordinator that is no more.
                agent.Tell(orders);
        });
        Receive<NodeReport>(report =>
        {
            agent = Sender;
            uplink.Tell(report);
        });
        Receive<StepReport>(step => uplink.Tell(step));
    }

    /// <summary>From an uplink: reports are to go through it, beginning with one now.</summary>
    public sealed record Connect;
}
