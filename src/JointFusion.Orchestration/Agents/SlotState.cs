using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>One slot as its agent sees it: the worker, the work it has, the order it is under. Pure; <see cref="WorkerActor"/> does what it says.</summary>
/// <param name="Order">What the coordinator last asked of the slot; null: nothing.</param>
/// <param name="HasBegun">The worker has been given its assignment.</param>
/// <param name="Asked">How the worker has been asked to end.</param>
/// <param name="Acknowledged">Step of the newest checkpoint that the worker knows to be journalled; null: none.</param>
/// <param name="LetGo">What it knows of <see cref="SlotOrder.LetGo"/>.</param>
internal sealed record SlotState(
    SlotReport Report, SlotOrder? Order = null, bool HasBegun = false, Ending Asked = Ending.None, int? Acknowledged = null, ImmutableArray<int>? LetGo = null)
{
    public static SlotState New(int slot) => new(new SlotReport(slot, null, false, 0, null, null));

    private SlotWork? Work => Report.Work;

    public SlotState Started(int pid) => this with { Report = Report with { Pid = pid } };

    public SlotState Ready() => this with { Report = Report with { IsReady = true, FailedStarts = 0 } };

    public SlotState Exited(WorkerExit exit)
    {
        var crashed = Work is { Outcome: null } ? Ended(new ReplicaOutcome.Failed(FailureKind.Crashed, exit.Reason)) : this;
        var failedStarts = Report.IsReady ? 0 : Report.FailedStarts + 1;
        return crashed with
        {
            Report = crashed.Report with { Pid = null, IsReady = false, FailedStarts = failedStarts, LastExit = exit },
        };
    }

    /// <summary>Takes in a word about an attempt; one about another than the slot's live work is dropped.</summary>
    public SlotState Heard(WorkerMessage.OfAttempt message)
    {
        if (!Concerns(message))
            return this;
        return message switch
        {
            WorkerMessage.Listening listening => WithWork(Work! with { Endpoint = listening.Endpoint }),
            WorkerMessage.Phase phase => WithWork(Work! with { Phase = phase.Value, Detail = phase.Detail }),
            WorkerMessage.Checkpoint checkpoint => WithWork(Work! with { Checkpoint = checkpoint.At }),
            WorkerMessage.Warning warning => WithWork(Work! with { Warning = warning.Message }),
            WorkerMessage.Pulse pulse => WithWork(Work! with { Pulse = pulse.Value, IsSilent = false }),
            WorkerMessage.Ended ended => Ended(ended.Outcome),
            _ => this,
        };
    }

    /// <summary>No pulse has come for too long.</summary>
    public SlotState Silent() => Work is { Outcome: null } ? WithWork(Work with { IsSilent = true }) : this;

    public bool Concerns(WorkerMessage.OfAttempt message) => Work is { Outcome: null } work && work.Is(message.Run, message.Generation);

    /// <summary>The next thing to do about the slot's order; null once order and work agree, or the worker has to move first.</summary>
    public (SlotState Next, SlotAction Action)? Reconcile() => Work switch
    {
        null => Take(),
        { Outcome: not null } when !IsOrdered => (this with { Report = Report with { Work = null } }, new SlotAction.Nothing()),
        { Outcome: not null } => null,
        _ when !IsOrdered => AskToEnd(Ending.Abort),
        _ when Order!.Ending > Asked => AskToEnd(Order.Ending),
        { Endpoint: not null } when Order!.Assignment is { } assignment && !HasBegun && Asked == Ending.None =>
            (this with { HasBegun = true }, new SlotAction.Tell(new AgentMessage.Begin(assignment))),
        _ when Order!.Journalled is { } step && (!(step <= Acknowledged) || !(Order.LetGo ?? []).SequenceEqual(LetGo ?? [])) =>
            (this with { Acknowledged = step, LetGo = Order.LetGo }, new SlotAction.Tell(new AgentMessage.Journalled(Work.Run, Work.Generation, step, Order.LetGo))),
        _ => null,
    };

    private bool IsOrdered => Order is not null && Work is not null && Work.Is(Order.Order.Run, Order.Order.Generation);

    private (SlotState, SlotAction)? Take()
    {
        if (Order is null)
            return null;
        var order = Order.Order;
        var work = new SlotWork(order.Run, order.Generation, order.Rank, ReplicaPhase.Starting, "", null, null, null);
        var taken = this with { Report = Report with { Work = work }, HasBegun = false, Asked = Ending.None, Acknowledged = order.ResumeStep, LetGo = null };
        if (Order.Ending != Ending.None)
            return (taken.Ended(new ReplicaOutcome.Stopped(order.ResumeStep ?? 0)), new SlotAction.Nothing()); // Ended before it began.
        return Report.IsReady ? (taken, new SlotAction.Tell(new AgentMessage.Prepare(order))) : null;
    }

    private (SlotState, SlotAction)? AskToEnd(Ending ending) => Asked >= ending
        ? null
        : (this with { Asked = ending }, new SlotAction.End(new AgentMessage.Stop(Work!.Run, Work.Generation), ending));

    private SlotState Ended(ReplicaOutcome outcome) => WithWork(Work! with { Outcome = outcome });

    private SlotState WithWork(SlotWork work) => this with { Report = Report with { Work = work } };
}

/// <summary>What the slot's state asks to be done.</summary>
internal abstract record SlotAction
{
    public sealed record Tell(AgentMessage Message) : SlotAction;

    /// <summary>Tell it to stop, and kill it if it does not in time.</summary>
    public sealed record End(AgentMessage Message, Ending Ending) : SlotAction;

    /// <summary>Only the state has changed.</summary>
    public sealed record Nothing : SlotAction;
}
