using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;

namespace JointFusion.Orchestration;

/// <summary>One a machine: keeps a worker in each slot, reports the node's full state, passes the coordinator's orders on.</summary>
/// <remarks>
/// Stateless towards the coordinator: after any loss the next report is answered with the full orders. When its user ends it, each rank takes a
/// checkpoint and its worker exits; what is still reported then is of a node that goes, not of ranks that ended of themselves.
/// </remarks>
internal sealed class NodeAgent : ReceiveActor, IWithTimers
{
    public const string Role = "node";
    private const string StepTimer = "steps";
    private const int StepsKept = 256;

    private readonly NodeOffer offer;
    private readonly IActorRef coordinator;
    private readonly AgentSettings settings;
    private readonly ImmutableArray<IActorRef> slots;
    private readonly SlotReport?[] reports;
    private readonly StepRelay steps = new(StepsKept);
    private readonly ILoggingAdapter log = Context.GetLogger();
    private IActorRef? endWaiter;
    private bool isSilent;
    private int ended;
    private long term;

    public NodeAgent(NodeOffer offer, IActorRef coordinator, AgentSettings settings)
    {
        this.offer = offer;
        this.coordinator = coordinator;
        this.settings = settings;
        slots = [.. Enumerable.Range(0, offer.Slots).Select(slot => Context.ActorOf(WorkerActor.PropsFor(slot, offer.Host, settings), $"worker-{slot}"))];
        reports = [.. Enumerable.Range(0, offer.Slots).Select(slot => SlotState.New(slot).Report)];
        Receive<NodeOrders>(orders => PassOn(orders));
        Receive<SlotReport>(Update);
        Receive<StepReport>(Relay);
        Receive<SendSteps>(_ => PassOnSome());
        Receive<ReportNow>(_ => Report());
        Receive<EndWorkers>(End);
        Receive<WorkerActor.WorkerEnded>(_ => CountEnded());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        Timers.StartPeriodicTimer("report", new ReportNow(), TimeSpan.Zero, settings.ReportInterval);

    /// <summary>Steps go before what followed them: after its attempt's end they would be dropped, after another phase make the run look as if it trained.</summary>
    private void Update(SlotReport report)
    {
        var before = reports[report.Slot]?.Work;
        reports[report.Slot] = report;
        if (report.Work is { } work && (work.Outcome is not null || (work.Phase, work.Detail) != (before?.Phase, before?.Detail)))
            PassOn(steps.Take(StepsKept));
        Report();
    }

    private void Report()
    {
        if (!isSilent)
        {
            coordinator.Tell(new NodeReport(
                offer.Name, [.. reports.Select(report => endWaiter is null ? report! : report!.OfGoingNode())], offer.Labels, ClusterProtocol.Version,
                NodeVitals.Read(Context.System.Scheduler.Now)));
        }
    }

    /// <summary>At once, unless some went on their way a moment ago.</summary>
    private void Relay(StepReport step)
    {
        steps.Add(step);
        if (steps.Dropped == 1)
            log.Warning("Steps come faster than they are passed on: the coordinator is told of the newest. metrics.jsonl in the run's folder has them all");
        if (!Timers.IsTimerActive(StepTimer))
            PassOnSome();
    }

    private void PassOnSome()
    {
        if (steps.IsEmpty)
            return;
        PassOn(steps.Take(StepRelay.Batch));
        Timers.StartSingleTimer(StepTimer, new SendSteps(), StepRelay.Pause);
    }

    private void PassOn(IEnumerable<StepReport> some)
    {
        foreach (var step in some)
            coordinator.Tell(step);
    }

    private void PassOn(NodeOrders orders)
    {
        if (orders.Term < term)
            return; // Of a coordinator that leads no more, and may not know it.
        term = orders.Term ?? term;
        var bySlot = orders.Slots.ToDictionary(order => order.Slot);
        for (var slot = 0; slot < slots.Length; slot++)
            slots[slot].Tell(new WorkerActor.SetOrder(bySlot.GetValueOrDefault(slot)));
    }

    private void End(EndWorkers end)
    {
        endWaiter = Sender;
        isSilent = !end.Tells;
        foreach (var slot in slots)
            slot.Tell(new WorkerActor.EndWorker());
    }

    private void CountEnded()
    {
        ended++;
        if (ended == slots.Length)
            endWaiter.Tell(new WorkersEnded());
    }

    /// <summary>Shut all workers down, by force where they take too long; answered by <see cref="WorkersEnded"/>. No further work is taken.</summary>
    /// <param name="Tells">Whether the coordinator hears of the checkpoints that are taken; it is about to end too where not.</param>
    public sealed record EndWorkers(bool Tells = false);

    public sealed record WorkersEnded;

    public sealed record ReportNow;

    private sealed record SendSteps;
}

/// <summary>What this node brings to the cluster.</summary>
/// <param name="Name">Unique in the cluster.</param>
/// <param name="Slots">Workers it runs.</param>
/// <param name="Host">Where they come from; the caller disposes it.</param>
/// <param name="Labels">What runs may ask of a node; null: none.</param>
public sealed record NodeOffer(string Name, int Slots, IReplicaHost Host, ImmutableSortedDictionary<string, string>? Labels = null);

public static class NodeAgentHosting
{
    internal static Props PropsFor(NodeOffer offer, IActorRef coordinator, AgentSettings settings) =>
        Props.Create(() => new NodeAgent(offer, coordinator, settings));

    /// <summary>Runs a node agent in this ActorSystem, which needs the role <c>node</c> and a coordinator, here or through its proxy.</summary>
    public static AkkaConfigurationBuilder AddNodeAgent(this AkkaConfigurationBuilder builder, NodeOffer offer, AgentSettings settings) =>
        builder.WithActors((system, registry) =>
            registry.Register<NodeAgent>(system.ActorOf(PropsFor(offer, registry.Get<Coordinator>(), settings), "agent")));
}
