using Akka.Actor;

namespace JointFusion.Orchestration;

/// <summary>Stands before the coordinator and starts it anew when it has stopped, which it does when its journal cannot be written.</summary>
/// <remarks>
/// What comes meanwhile: clients are told why; reports of nodes are dropped, since they are full states and come again. The new coordinator
/// replays the journal, so that nothing is lost but what nobody was told to be done.
/// </remarks>
internal sealed class CoordinatorKeeper : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Props props;
    private IActorRef? coordinator;
    private string? reason;
    private int started;

    public CoordinatorKeeper(Props props)
    {
        this.props = props;
        Receive<CoordinatorFailed>(failed => reason = failed.Reason);
        Receive<Stopped>(_ => OnStopped());
        Receive<StartAgain>(_ => Start());
        ReceiveAny(PassOn);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(CoordinatorFailed));
        Start();
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Start()
    {
        started++;
        reason = null;
        coordinator = Context.ActorOf(props, $"journalled-{started}");
        Context.WatchWith(coordinator, new Stopped());
    }

    private void OnStopped()
    {
        coordinator = null;
        reason ??= "The coordinator stopped on a defect, which its log names.";
        Timers.StartSingleTimer("start", new StartAgain(), Pause);
    }

    private void PassOn(object message)
    {
        if (reason is null)
            coordinator.Forward(message);
        else if (message is IClientRequest)
            Sender.Tell(new CoordinatorAway(reason));
    }

    private sealed record Stopped;

    private sealed record StartAgain;
}
