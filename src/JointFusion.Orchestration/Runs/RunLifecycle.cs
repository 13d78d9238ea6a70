namespace JointFusion.Orchestration;

/// <summary>What a run does with each message, as a pure function. The tests walk the whole table.</summary>
/// <remarks>
/// <code>
///              Submit  Stop      Resume  Adopt  Place     GiveUp  Phase       Listening  Step      Checkpoint  End
/// Queued       revise  Stopped   .       .      Starting  Failed  .           .          .         .           .
/// Starting     revise  Stopping  .       note   .         .       Evaluating  note       Training  journal     end
/// Training     revise  Stopping  .       note   .         .       Evaluating  note       note      journal     end
/// Evaluating   revise  Stopping  .       note   .         .       note        note       Training  journal     end
/// Recovering+  revise  Stopping  .       note   .         .       note        note       note      journal     end
/// Recovering-  revise  Stopped   .       .      Starting  Failed  .           .          .         .           .
/// Stopping     revise  .         .       note   .         .       note        note       note      journal     end
/// Stopped      revise  .         Queued  .      .         .       .           .          .         .           .
/// Succeeded    revise  .         .       .      .         .       .           .          .         .           .
/// Failed       revise  .         Queued  .      .         .       .           .          .         .           .
/// </code>
/// Recovering+ still has ranks alive, Recovering- has none. "note" and "journal" stay in the state, "." does nothing.
/// A rank's Warning and Pulse are noted wherever its Listening is.
/// Evaluating is entered when rank 0 reports that phase. "end": the rank's slot is free; a failure breaks the attempt (Recovering,
/// but Stopping stays); after the last rank the run is Succeeded if all ranks succeeded, else Failed if the cause is not worth a retry,
/// else Stopped if that was asked, else Recovering or, out of attempts, Failed.
/// Phase, Listening, Warning, Pulse, Step, Checkpoint and End of another generation are dropped; repetitions change nothing.
/// </remarks>
public static class RunLifecycle
{
    public static IReadOnlyList<RunEvent> Process(RunRecord run, RunMessage message, DateTimeOffset now, ClusterLimits limits) => message switch
    {
        RunMessage.Submit submit => submit.Order == run.Order ? [] : [new RunRevised(run.Name, submit.Order)],
        RunMessage.Stop => Stop(run, now),
        RunMessage.Resume => run.State is RunState.Stopped or RunState.Failed ? [new RunResumed(run.Name, now)] : [],
        RunMessage.Adopt => [.. run.LiveRanks.Where(rank => rank.State is { Phase: null, IsUnheard: false }).Select(rank => new RankUnheard(run.Name, run.Generation, rank.Number))],
        RunMessage.Place place => run.IsWaiting
            ? [new AttemptStarted(run.Name, run.Generation + 1, run.Checkpoint, place.Slots, now)]
            : [],
        RunMessage.GiveUp giveUp => run.IsWaiting
            ? [new RunFailed(run.Name, run.Generation, new RunFailure(null, null, FailureKind.Crashed, giveUp.Reason), now)]
            : [],
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

    private static IReadOnlyList<RunEvent> Stop(RunRecord run, DateTimeOffset now)
    {
        if (run.IsWaiting)
            return [new RunStopped(run.Name, now)];
        return run.Attempt is null || run.State == RunState.Stopping ? [] : [new StopRequested(run.Name, now)];
    }

    private static IReadOnlyList<RunEvent> Phase(RunRecord run, RunMessage.RankPhase message, DateTimeOffset now)
    {
        if (LiveRank(run, message.Generation, message.Rank) is not { } rank || (rank.Phase == message.Phase && rank.Detail == message.Detail))
            return [];
        var noted = new RankPhaseChanged(run.Name, message.Generation, message.Rank, message.Phase, message.Detail);
        var evaluates = message is { Rank: 0, Phase: ReplicaPhase.Evaluating } && run.State is RunState.Starting or RunState.Training;
        return evaluates ? [noted, new EvaluationEntered(run.Name, message.Generation, now)] : [noted];
    }

    private static IReadOnlyList<RunEvent> Step(RunRecord run, RunMessage.Step message, DateTimeOffset now)
    {
        if (!IsLive(run, message.Generation))
            return [];
        var taken = new StepTaken(run.Name, message.Generation, message.Number);
        var enters = run.State is RunState.Starting or RunState.Evaluating || (run.State == RunState.Training && run.Stage != message.Stage);
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
            events.Add(Verdict(after, now, limits));
        return events;
    }

    private static RunFailure? FailureOf(RunRecord run, int number, RankState rank, ReplicaOutcome outcome) => outcome switch
    {
        ReplicaOutcome.Failed failed => new RunFailure(number, rank.Phase, failed.Kind, failed.Message),
        ReplicaOutcome.Stopped when run.State is not (RunState.Stopping or RunState.Recovering) =>
            new RunFailure(number, rank.Phase, FailureKind.Crashed, "it stopped without having been asked to"),
        _ => null,
    };

    private static RunEvent Verdict(RunRecord run, DateTimeOffset now, ClusterLimits limits)
    {
        var attempt = run.Attempt!;
        if (attempt.AllSucceeded)
            return new RunSucceeded(run.Name, run.Generation, now);
        if (attempt.Cause is { IsRetryable: false })
            return new RunFailed(run.Name, run.Generation, attempt.Cause, now);
        if (run.State == RunState.Stopping)
            return new RunStopped(run.Name, now);
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
