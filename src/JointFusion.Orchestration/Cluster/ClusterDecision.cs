using System.Collections.Immutable;
using System.Globalization;

namespace JointFusion.Orchestration;

/// <summary>One command being worked out: each event is applied as it is found, so that the next sees what it changed.</summary>
internal sealed class ClusterDecision(ClusterState state, DateTimeOffset now)
{
    private readonly ImmutableArray<IClusterStateEvent>.Builder events = ImmutableArray.CreateBuilder<IClusterStateEvent>();
    private ClusterState state = state;
    private bool isJudgedAnew;

    public ImmutableArray<IClusterStateEvent> Events => events.ToImmutable();

    public void Take(ClusterCommand command)
    {
        switch (command)
        {
            case StepReport report:
                // Steps are frequent and never free a slot: no placement follows.
                Tell(report.Metrics.Run, new RunMessage.Step(report.Metrics.Generation, report.Metrics.Stage, report.Metrics.Step));
                return;
            case SubmitRun submit:
                Submit(submit.Order);
                break;
            case SubmitSweep submit:
                if (state.Sweeps.Find(submit.Order.Sweep)?.Order != submit.Order)
                    Emit(new SweepSubmitted(submit.Order, now));
                break;
            case StopRuns stop:
                TellEach(stop.Runs, new RunMessage.Stop(StopPurpose.Pause, By("paused", stop.By)));
                break;
            case CancelRuns cancel:
                TellEach(cancel.Runs, new RunMessage.Stop(StopPurpose.Cancel, By("cancelled", cancel.By)));
                break;
            case ResumeRuns resume:
                TellEach(resume.Runs, new RunMessage.Resume(By("resumed", resume.By)));
                break;
            case PrioritiseRuns prioritise:
                TellEach(prioritise.Runs, new RunMessage.Prioritise(prioritise.Priority, prioritise.By));
                break;
            case DrainNode drain:
                if (!state.Nodes.Draining.ContainsKey(drain.Node))
                    Emit(new NodeDraining(drain.Node, now, drain.By));
                break;
            case UndrainNode undrain:
                if (state.Nodes.Draining.ContainsKey(undrain.Node))
                    Emit(new NodeUndrained(undrain.Node, now, undrain.By));
                break;
            case ReleaseSlot release:
                if (state.Nodes.Health.Quarantined.ContainsKey(release.Slot))
                    Emit(new SlotReleased(release.Slot, now, release.By));
                break;
            case Reconsider:
                break;
            case AdoptAttempts:
                isJudgedAnew = true;
                TellEach([.. state.Runs.Placed.Select(run => run.Name)], new RunMessage.Adopt());
                break;
            case LoseUnheardNodes:
                foreach (var node in UnheardNodes())
                    EndRanksOn(node, $"{node} was not heard of after the coordinator's restart");
                break;
            case NodeReport report:
                var known = state.Nodes.Nodes.GetValueOrDefault(report.Node);
                Emit(new NodeUpdated(report));
                TellRanksOn(report);
                if (known is not null && report.OffersNoMoreThan(known) && !events.Any(MayPlaceOthers))
                    return; // As most often: nothing has come free.
                break;
            case LoseNode lost:
                EndRanksOn(lost.Node, $"{lost.Node} is gone from the cluster");
                Emit(new NodeRemoved(lost.Node));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(command), command, "A cluster command without a rule.");
        }
        Schedule();
    }

    /// <summary>It frees a slot, or others may have waited for this checkpoint.</summary>
    private bool MayPlaceOthers(IClusterStateEvent change) =>
        change is RankEnded || (change is CheckpointTaken taken && state.Find(taken.Run)!.Order is { Shared: not null } or { MinWorkers: not null });

    private void Submit(RunOrder order)
    {
        if (state.Find(order.Run) is null)
            Emit(new RunSubmitted(order.Run, order, now));
        else
            Tell(order.Run, new RunMessage.Submit(order));
    }

    private void TellRanksOn(NodeReport report)
    {
        foreach (var (run, generation, number, rank) in LiveRanksOn(report.Node))
        {
            var work = state.Nodes.Find(rank.Slot)?.Work;
            if (work is not null && work.Is(run, generation))
                TellWork(work);
            else if (rank.IsUnheard)
                Tell(run, new RunMessage.RankEnd(generation, number, Lost($"its worker on {report.Node} ended while the coordinator was away")));
            else if (rank.Phase is not null)
                Tell(run, new RunMessage.RankEnd(generation, number, Lost($"{report.Node} knows nothing of it any more")));
            // Otherwise the order has not reached the node yet.
        }
    }

    private void TellWork(SlotWork work)
    {
        Tell(work.Run, new RunMessage.RankPhase(work.Generation, work.Rank, work.Phase, work.Detail));
        if (work.Endpoint is not null)
            Tell(work.Run, new RunMessage.RankListening(work.Generation, work.Rank, work.Endpoint));
        if (work.Warning is not null)
            Tell(work.Run, new RunMessage.RankWarning(work.Generation, work.Rank, work.Warning));
        if (work.Pulse is not null)
            Tell(work.Run, new RunMessage.RankPulse(work.Generation, work.Rank, work.Pulse, work.IsSilent));
        if (work.Checkpoint is { } step)
            Tell(work.Run, new RunMessage.Checkpoint(work.Generation, step));
        if (work.Outcome is not null)
            Tell(work.Run, new RunMessage.RankEnd(work.Generation, work.Rank, work.Outcome));
    }

    private void EndRanksOn(string node, string reason)
    {
        foreach (var (run, generation, number, _) in LiveRanksOn(node))
            Tell(run, new RunMessage.RankEnd(generation, number, Lost(reason)));
    }

    private List<string> UnheardNodes() =>
        [.. state.Runs.Placed.SelectMany(run => run.LiveRanks).Select(rank => rank.State.Slot.Node).Distinct().Where(node => !state.Nodes.Nodes.ContainsKey(node))];

    private List<(string Run, int Generation, int Number, RankState Rank)> LiveRanksOn(string node) =>
    [
        .. from run in state.Runs.PlacedOn(node)
           from rank in run.LiveRanks
           where rank.State.Slot.Node == node
           select (run.Name, run.Generation, rank.Number, rank.State),
    ];

    private void Schedule()
    {
        foreach (var slot in state.Nodes.Health.Quarantined.Values.Where(slot => slot.Until <= now))
            Emit(new SlotReleased(slot.Slot, now));
        JudgeSweeps();
        foreach (var node in state.Nodes.Draining.Keys)
            foreach (var run in LiveRanksOn(node).Select(rank => rank.Run).Distinct())
                Tell(run, new RunMessage.Stop(StopPurpose.Yield, $"{node} is drained"));
        foreach (var (run, reason) in SweepScheduler.Hopeless(state.Runs, state.Nodes, state.Limits.FailedStarts))
            Tell(run, new RunMessage.GiveUp(reason));
        if (state.Runs.HasWaiting)
            Place();
        foreach (var (run, reason) in SweepScheduler.Growing(state.Runs, state.Nodes, state.Limits.FailedStarts))
            Tell(run, new RunMessage.Stop(StopPurpose.Yield, reason));
    }

    private void Place()
    {
        var (placements, yields) = SweepScheduler.Decide(state.Runs, state.Nodes, state.Sweeps, state.Limits, now);
        foreach (var (run, reason, keeps) in yields)
            Tell(run, new RunMessage.Stop(StopPurpose.Yield, reason, keeps));
        foreach (var placement in placements)
            Tell(placement.Run, new RunMessage.Place(placement.Slots, placement.Start));
    }

    private void JudgeSweeps()
    {
        foreach (var sweep in state.Sweeps.Sweeps.Values)
        {
            if (sweep.Limit is { } limit && sweep.UsedAt(state.Runs, now) >= limit)
                TellEach(sweep.Runs, new RunMessage.Stop(StopPurpose.Pause, string.Create(CultureInfo.InvariantCulture, $"the {sweep.Order.DeviceHours:0.####} device-hours of its sweep are used up")));
            while (sweep.Order.Reduction is { } reduction && IsToBeJudged(sweep) && Asha.Decide(reduction, [.. sweep.Runs.Select(run => state.Find(run)!)]) is { Count: > 0 } decisions)
                foreach (var (run, message) in decisions)
                    Tell(run, message);
        }
    }

    /// <summary>Whether one of its runs has moved in a way that its rungs know of; after a restart the decision may be all that is missing.</summary>
    private bool IsToBeJudged(SweepRecord sweep) => isJudgedAnew || events.Any(change => change switch
    {
        SweepSubmitted submitted => submitted.Order.Sweep == sweep.Order.Sweep,
        RunSubmitted or RunRevised or RungReached or RunPromoted or RunPruned or RunStopped or RunResumed or RunSucceeded or RunFailed =>
            state.Find(((RunEvent)change).Run)!.Order.Sweep == sweep.Order.Sweep,
        _ => false,
    });

    private void TellEach(IEnumerable<string> runs, RunMessage message)
    {
        foreach (var run in runs)
            Tell(run, message);
    }

    private void Tell(string run, RunMessage message)
    {
        if (state.Find(run) is not { } record)
            return; // Another experiment's, or one that a client names wrongly: nothing to do here.
        foreach (var change in RunLifecycle.Process(record, message, now, state.Limits))
        {
            Emit(change);
            if (change is AttemptBroken broken && SlotHealth.Culprit(record, broken) is { } slot)
                Judge(slot, broken.Failure);
        }
    }

    private void Judge(SlotAddress slot, RunFailure failure)
    {
        if (state.Nodes.Health.Verdict(slot, failure.Message, state.Nodes.Count, state.Limits, now) is { } quarantined)
            Emit(quarantined);
    }

    private void Emit(IClusterStateEvent change)
    {
        state = state.Apply(change);
        events.Add(change);
    }

    private static string? By(string what, string? user) => user is null ? null : $"{what} by {user}";

    private static ReplicaOutcome.Failed Lost(string message) => new(FailureKind.NodeLost, message);
}
