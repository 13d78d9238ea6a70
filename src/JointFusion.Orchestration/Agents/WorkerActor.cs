using Akka.Actor;
using Akka.Event;

namespace JointFusion.Orchestration;

/// <summary>Stands for one slot: keeps a worker alive in it and brings its work in line with the coordinator's order.</summary>
/// <remarks>Decisions are <see cref="SlotState"/>'s. Each change of the report goes to the parent, and so does each step.</remarks>
internal sealed class WorkerActor : ReceiveActor, IWithTimers
{
    private const string HelloTimer = "hello";
    private const string EndTimer = "end";
    private const string RespawnTimer = "respawn";
    private const string SilenceTimer = "silence";
    private const string LongSilenceTimer = "long silence";

    private readonly IReplicaHost host;
    private readonly AgentSettings settings;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private SlotState state;
    private SlotReport? reported;
    private StepInbox steps = new();
    private IReplicaWorker? worker;
    private IActorRef? endWaiter;

    public WorkerActor(int slot, IReplicaHost host, AgentSettings settings)
    {
        this.host = host;
        this.settings = settings;
        state = SlotState.New(slot);
        Receive<SetOrder>(order => Enter(state with { Order = order.Order }));
        Receive<WorkerStarted>(started => Enter(state.Started(started.Pid)));
        Receive<WorkerMessage.Hello>(_ => OnHello());
        Receive<StepsCame>(_ => OnSteps());
        Receive<WorkerMessage.Pulse>(OnPulse);
        Receive<WorkerMessage.OfAttempt>(OnAttempt);
        Receive<Silence>(_ => Enter(state.Silent()));
        Receive<WorkerExit>(OnExit);
        Receive<Respawn>(_ => Spawn());
        Receive<Kill>(kill => worker?.Kill(kill.Reason));
        Receive<EndWorker>(_ => OnEnd());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props PropsFor(int slot, IReplicaHost host, AgentSettings settings) => Props.Create(() => new WorkerActor(slot, host, settings));

    protected override void PreStart() => Spawn();

    protected override void PostStop() => worker?.Kill("its agent's actor stopped");

    private void Spawn()
    {
        Timers.StartSingleTimer(HelloTimer, new Kill($"it said no hello within {settings.HelloTime.TotalSeconds} s"), settings.HelloTime);
        steps = new StepInbox();
        worker = host.Start(state.Report.Slot, new EventsToActor(Self, steps));
    }

    private void OnHello()
    {
        Timers.Cancel(HelloTimer);
        Enter(state.Ready());
    }

    private void OnSteps()
    {
        foreach (var step in steps.TakeAll())
            if (state.Concerns(step))
                Context.Parent.Tell(new StepReport(step.Metrics with { Run = step.Run })); // Its plan knows it by a name of its experiment alone.
    }

    private void OnPulse(WorkerMessage.Pulse pulse)
    {
        if (!state.Concerns(pulse))
            return;
        Timers.StartSingleTimer(SilenceTimer, new Silence(), settings.SilenceTime);
        Timers.StartSingleTimer(LongSilenceTimer, new Kill($"it was silent for {settings.LongestSilence.TotalSeconds} s"), settings.LongestSilence);
        Enter(state.Heard(pulse));
    }

    private void OnAttempt(WorkerMessage.OfAttempt message)
    {
        if (message is WorkerMessage.Ended { DroppedSteps: > 0 } ended)
            log.Warning("The worker of slot {0} has left out {1} steps' metrics so far: its link lagged", state.Report.Slot, ended.DroppedSteps);
        if (message is WorkerMessage.Ended && state.Concerns(message))
        {
            Timers.Cancel(EndTimer);
            Timers.Cancel(SilenceTimer);
            Timers.Cancel(LongSilenceTimer);
        }
        Enter(state.Heard(message));
    }

    private void OnExit(WorkerExit exit)
    {
        log.Warning("Slot {0}: {1}", state.Report.Slot, exit.Reason);
        Timers.CancelAll();
        worker = null;
        if (endWaiter is not null)
        {
            endWaiter.Tell(new WorkerEnded());
            Context.Stop(Self);
            return;
        }
        Enter(state.Exited(exit));
        Timers.StartSingleTimer(RespawnTimer, new Respawn(), settings.PauseAfter(state.Report.FailedStarts));
    }

    private void OnEnd()
    {
        endWaiter = Sender;
        Timers.CancelAll();
        if (worker is null)
        {
            endWaiter.Tell(new WorkerEnded());
            Context.Stop(Self);
            return;
        }
        worker.Send(new AgentMessage.Shutdown());
        Timers.StartSingleTimer(EndTimer, new Kill($"it did not exit within {settings.ShutdownTime.TotalSeconds} s"), settings.ShutdownTime);
    }

    /// <summary>Takes the new state, does all that follows, then reports once.</summary>
    private void Enter(SlotState next)
    {
        state = next;
        while (endWaiter is null && state.Reconcile() is var (after, action))
        {
            state = after;
            Do(action);
        }
        if (state.Report == reported)
            return;
        reported = state.Report;
        Context.Parent.Tell(reported);
    }

    private void Do(SlotAction action)
    {
        switch (action)
        {
            case SlotAction.Tell tell:
                worker?.Send(tell.Message);
                break;
            case SlotAction.End end:
                var time = end.Ending == Ending.Stop ? settings.StopTime : settings.AbortTime;
                worker?.Send(end.Message);
                Timers.StartSingleTimer(EndTimer, new Kill($"its replica did not end within {time.TotalSeconds} s"), time);
                break;
            case SlotAction.Nothing:
                break;
        }
    }

    public sealed record SetOrder(SlotOrder? Order);

    /// <summary>Shut the worker down; answered by <see cref="WorkerEnded"/>, and this actor stops.</summary>
    public sealed record EndWorker;

    public sealed record WorkerEnded;

    private sealed record WorkerStarted(int Pid);

    private sealed record Respawn;

    private sealed record Silence;

    private sealed record Kill(string Reason);

    private sealed record StepsCame;

    private sealed class EventsToActor(IActorRef actor, StepInbox steps) : IReplicaWorkerEvents
    {
        public void Started(int pid) => actor.Tell(new WorkerStarted(pid), ActorRefs.NoSender);

        public void Received(WorkerMessage message)
        {
            if (message is not WorkerMessage.Step step)
                actor.Tell(message, ActorRefs.NoSender);
            else if (steps.Add(step))
                actor.Tell(new StepsCame(), ActorRefs.NoSender);
        }

        public void Exited(WorkerExit exit) => actor.Tell(exit, ActorRefs.NoSender);
    }
}
