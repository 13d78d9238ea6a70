using System.Globalization;

namespace JointFusion.Orchestration;

/// <summary>What a run does with each message, as a pure function. The tests walk the whole table.</summary>
/// <remarks>
/// <code>
///              Submit  Pause      Cancel      Yield     Resume    Adopt  Place    GiveUp  Phase       Listening  Step      Checkpoint  End
/// Queued       revise  Paused     Cancelled   .         .         .      Placing  Failed  .           .          .         .           .
/// Placing      revise  Pausing    Cancelling  Yielding  .         note   .        .       Starting!   note       Training  journal     end
/// Starting     revise  Pausing    Cancelling  Yielding  .         note   .        .       Evaluating  note       Training  journal     end
/// Training     revise  Pausing    Cancelling  Yielding  .         note   .        .       Evaluating  note       note      journal     end
/// Evaluating   revise  Pausing    Cancelling  Yielding  .         note   .        .       note        note       Training  journal     end
/// Recovering+  revise  Pausing    Cancelling  .         .         note   .        .       note        note       note      journal     end
/// Recovering-  revise  Paused     Cancelled   .         .         .      Placing  Failed  .           .          .         .           .
/// Yielding     revise  Pausing    Cancelling  .         .         note   .        .       note        note       note      journal     end
/// Pausing      revise  .          Cancelling  .         Yielding  note   .        .       note        note       note      journal     end
/// Cancelling   revise  .          .           .         Yielding  note   .        .       note        note       note      journal     end
/// Preempted    revise  Paused     Cancelled   .         .         .      Placing  Failed  .           .          .         .           .
/// Paused       revise  .          Cancelled   .         Queued*   .      .        .       .           .          .         .           .
/// Cancelled    revise  .          .           .         Queued*   .      .        .       .           .          .         .           .
/// Held         revise  Paused     Cancelled   .         .         .      .        .       .           .          .         .           .
/// Pruned       revise  .          .           .         .         .      .        .       .           .          .         .           .
/// Succeeded    revise  .          .           .         .         .      .        .       .           .          .         .           .
/// Failed       revise  .          .           .         Queued    .      .        .       .           .          .         .           .
/// </code>
/// Pausing, Cancelling and Yielding are <see cref="RunState.Stopping"/> with its purpose. Recovering+ still has ranks alive, Recovering- has
/// none. "note" and "journal" stay in the state, "." does nothing. A rank's Warning and Pulse are noted wherever its Listening is.
/// Evaluating is entered when rank 0 reports that phase; "Starting!": else once every rank has reported one. "end": the rank's slot is free;
/// a failure breaks the attempt (Recovering, but Stopping stays); after the last rank the run is Succeeded if all ranks succeeded, else Failed
/// if the cause is not worth a retry, else Preempted, Paused or Cancelled if that was asked, whatever ended the ranks and without a count of
/// it, else Recovering or, out of attempts, Failed. Where all ranks ended at a rung, it is Held, or what it was stopped for.
/// Prioritise is noted in every state, as Submit revises the order in each.
/// Promote makes a Held or Pruned run Queued, Prune a Held one Pruned; neither does anything elsewhere. Queued*: Held, if it was when it was stopped.
/// Phase, Listening, Warning, Pulse, Step, Checkpoint and End of another generation are dropped; repetitions change nothing.
/// </remarks>
public static class RunLifecycle
{
    public static IReadOnlyList<RunEvent> Process(RunRecord run, RunMessage message, DateTimeOffset now, ClusterLimits limits) => message switch
    {
        RunMessage.Submit submit => run.Own(submit.Order) is var order && order == run.Order ? [] : [new RunRevised(run.Name, order)],
        RunMessage.Prioritise said => said.Priority == run.Order.Priority ? [] : [new RunPrioritised(run.Name, said.Priority, now, said.By)],
        RunMessage.Stop stop => Stop(run, stop, now),
        RunMessage.Resume resume => Resume(run, resume, now),
        RunMessage.Adopt => [.. run.LiveRanks.Where(rank => rank.State is { Phase: null, IsUnheard: false }).Select(rank => new RankUnheard(run.Name, run.Generation, rank.Number))],
        RunMessage.Place place => run.IsWaiting
            ? [new AttemptStarted(run.Name, run.Generation + 1, run.Checkpoint, place.Slots, now, run.Checkpoint is null ? place.Start : null)]
            : [],
        RunMessage.GiveUp giveUp => run.IsWaiting
            ? [new RunFailed(run.Name, run.Generation, new RunFailure(null, null, FailureKind.Crashed, giveUp.Reason), now)]
            : [],
        RunMessage.Promote promote => run.State is RunState.Held or RunState.Pruned ? [new RunPromoted(run.Name, now, promote.Reason)] : [],
        RunMessage.Prune prune => run.State == RunState.Held ? [new RunPruned(run.Name, now, prune.Reason)] : [],
        RunMessage.RankPhase phase => Phase(run, phase, now),
        RunMessage.RankListening listening => LiveRank(run, listening.Generation, listening.Rank) is { } rank && rank.Endpoint is null
            ? [new RankListened(run.Name, listening.Generation, listening.Rank, listening.Endpoint)]
            : [],
        RunMessage.Step step => Step(run, step, now),
        RunMessage.Checkpoint checkpoint => IsLive(run, checkpoint.Generation) && !(checkpoint.At <= run.Checkpoint)
            ? [new CheckpointTaken(run.Name, checkpoint.Generation, checkpoint.At)]
            : [],
        RunMessage.RankWarning warning => LiveRank(run, warning.Generation, warning.Rank) is { } rank && rank.Warning != warning.Message
            ? [new RankWarned(run.Name, warning.Generation, warning.Rank, warning.Message)]
            : [],
        RunMessage.RankPulse pulse =>
            LiveRank(run, pulse.Generation, pulse.Rank) is { } rank && (rank.Pulse, rank.IsSilent) != (pulse.Pulse, pulse.IsSilent)
                ? [new RankPulsed(run.Name, pulse.Generation, pulse.Rank, pulse.Pulse, pulse.IsSilent)]
                : [],
        RunMessage.RankEnd end => End(run, end, now, limits),
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "A run message without a rule."),
    };

    private static IReadOnlyList<RunEvent> Stop(RunRecord run, RunMessage.Stop message, DateTimeOffset now)
    {
        var (purpose, reason, keeps) = message;
        if (run.Attempt is null)
            return purpose != StopPurpose.Yield && (run.IsWaiting || run.State == RunState.Held || (run.State, purpose) == (RunState.Paused, StopPurpose.Cancel))
                ? [new RunStopped(run.Name, now, purpose, reason)]
                : [];
        var isEndingAnyway = purpose <= run.Stop || (purpose == StopPurpose.Yield && run.State == RunState.Recovering);
        return isEndingAnyway ? [] : [new StopRequested(run.Name, now, purpose, reason, keeps)];
    }

    /// <summary>A stop that is under way can't be called back, but the run can go on after it.</summary>
    private static IReadOnlyList<RunEvent> Resume(RunRecord run, RunMessage.Resume message, DateTimeOffset now) => run switch
    {
        { State: RunState.Paused or RunState.Cancelled or RunState.Failed } => [new RunResumed(run.Name, now, message.Reason)],
        { Stop: StopPurpose.Pause or StopPurpose.Cancel } => [new StopRequested(run.Name, now, StopPurpose.Yield, message.Reason)],
        _ => [],
    };

    private static IReadOnlyList<RunEvent> Phase(RunRecord run, RunMessage.RankPhase message, DateTimeOffset now)
    {
        if (LiveRank(run, message.Generation, message.Rank) is not { } rank || (rank.Phase == message.Phase && rank.Detail == message.Detail))
            return [];
        var noted = new RankPhaseChanged(run.Name, message.Generation, message.Rank, message.Phase, message.Detail);
        if (message is { Rank: 0, Phase: ReplicaPhase.Evaluating } && run.State is RunState.Placing or RunState.Starting or RunState.Training)
            return [noted, new EvaluationEntered(run.Name, message.Generation, now)];
        var isTaken = run.State == RunState.Placing && run.Apply(noted).Attempt!.Ranks.All(each => each.Phase is not null);
        return isTaken ? [noted, new AttemptPlaced(run.Name, message.Generation, now)] : [noted];
    }

    private static IReadOnlyList<RunEvent> Step(RunRecord run, RunMessage.Step message, DateTimeOffset now)
    {
        if (!IsLive(run, message.Generation))
            return [];
        var taken = new StepTaken(run.Name, message.Generation, message.Number);
        var enters = run.State is RunState.Placing or RunState.Starting or RunState.Evaluating || (run.State == RunState.Training && run.Stage != message.Stage);
        return enters ? [taken, new StageEntered(run.Name, message.Generation, message.Stage, now)] : [taken];
    }

    private static IReadOnlyList<RunEvent> End(RunRecord run, RunMessage.RankEnd message, DateTimeOffset now, ClusterLimits limits)
    {
        if (LiveRank(run, message.Generation, message.Rank) is not { } rank)
            return [];
        List<RunEvent> events = [new RankEnded(run.Name, run.Generation, message.Rank, message.Outcome)];
        var failure = FailureOf(run, message.Rank, rank, message.Outcome);
        if (failure is not null && failure.IsCloserToTheCauseThan(run.Attempt!.Cause))
            events.Add(new AttemptBroken(run.Name, run.Generation, failure, now));
        var after = events.Aggregate(run, (state, change) => state.Apply(change));
        if (after.Attempt!.IsOver)
            events.AddRange(Verdict(after, now, limits));
        return events;
    }

    private static RunFailure? FailureOf(RunRecord run, int number, RankState rank, ReplicaOutcome outcome) => outcome switch
    {
        ReplicaOutcome.Failed failed => new RunFailure(number, rank.Phase, failed.Kind, failed.Message + Estimate(run.Order, failed.Kind)),
        ReplicaOutcome.Stopped when run.State is not (RunState.Stopping or RunState.Recovering) =>
            new RunFailure(number, rank.Phase, FailureKind.Crashed, "it stopped without having been asked to"),
        _ => null,
    };

    private const string WayOut = "Give resources a chunk_size, or a smaller one, and over a backbone recompute: true; a run goes on with other resources (jf run SPEC --resume RUN_DIR).";

    private static string Estimate(RunOrder order, FailureKind kind) => kind != FailureKind.OutOfMemory ? "" : order.MemoryBytes is { } bytes
        ? string.Create(CultureInfo.InvariantCulture, $" (the plan estimates {bytes / (double)(1 << 20):N0} MiB for each worker). {WayOut}")
        : $". {WayOut}";

    private static IEnumerable<RunEvent> Verdict(RunRecord run, DateTimeOffset now, ClusterLimits limits)
    {
        var attempt = run.Attempt!;
        if (attempt.AllSucceeded)
            return [new RunSucceeded(run.Name, run.Generation, now)];
        if (attempt.Cause is { IsRetryable: false })
            return [new RunFailed(run.Name, run.Generation, attempt.Cause, now)];
        if (attempt.Rung is { } rung)
        {
            var reached = new RungReached(run.Name, run.Generation, rung.Step, rung.Metric, rung.Value, now);
            return run.Stop is { } wanted and not StopPurpose.Yield ? [reached, new RunStopped(run.Name, now, wanted, run.Note)] : [reached];
        }
        return [run.Stop is { } purpose ? new RunStopped(run.Name, now, purpose, run.Note) : Failed(run, attempt, now, limits)];
    }

    private static RunEvent Failed(RunRecord run, Attempt attempt, DateTimeOffset now, ClusterLimits limits)
    {
        var cause = attempt.Cause!;
        var blamed = cause.Kind == FailureKind.NodeLost ? 0 : 1; // a lost machine is not the run's failure
        var fruitless = run.FurthestStep > run.FurthestStepBefore ? 0 : run.FruitlessAttempts + blamed;
        if (fruitless < limits.FruitlessAttempts)
        {
            var pause = blamed * limits.PauseAfter(fruitless);
            return new AttemptFailed(run.Name, run.Generation, cause, fruitless, run.FurthestStep, now, pause > TimeSpan.Zero ? now + pause : null);
        }
        var final = cause with { Message = $"{cause.Message} (given up after {fruitless} attempts without progress)" };
        return new RunFailed(run.Name, run.Generation, final, now);
    }

    private static bool IsLive(RunRecord run, int generation) => run.Attempt is not null && run.Generation == generation;

    private static RankState? LiveRank(RunRecord run, int generation, int rank) =>
        IsLive(run, generation) && rank >= 0 && rank < run.Attempt!.Ranks.Length && run.Attempt.Ranks[rank].Outcome is null
            ? run.Attempt.Ranks[rank]
            : null;
}
