using System.Collections.Immutable;

namespace JointFusion.Orchestration;

/// <summary>All that is known of one run.</summary>
public sealed record RunRecord
{
    public required RunOrder Order { get; init; }
    public RunState State { get; init; } = RunState.Queued;

    /// <summary>When <see cref="State"/> was entered.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>What its attempt is being ended for; null unless <see cref="RunState.Stopping"/>.</summary>
    public StopPurpose? Stop { get; init; }

    /// <summary>Slots that it is to have again at once, from when it is asked to yield the others until it begins anew; null: none.</summary>
    public int? Keeps { get; init; }

    /// <summary>The same, as far as its order still allows: as many, or as few, are enough for it.</summary>
    public int? Keeping => Keeps is { } keeps && Order.MinWorkers is { } fewest && keeps >= fewest ? Math.Min(keeps, Order.Workers) : null;

    /// <summary>Why it was brought into <see cref="State"/>, for users; null where nobody is named, and where <see cref="Failure"/> says it.</summary>
    public string? Note { get; init; }

    /// <summary>Of the latest step; null before the first.</summary>
    public string? Stage { get; init; }

    /// <summary>Of the latest attempt; 0 before the first.</summary>
    public int Generation { get; init; }

    /// <summary>Step of the newest journalled checkpoint: the only one that is ever resumed.</summary>
    public int? Checkpoint { get; init; }

    /// <summary>Live ranks; null between attempts.</summary>
    public Attempt? Attempt { get; init; }

    /// <summary>Of the latest broken attempt; null again once the run is resumed or succeeds.</summary>
    public RunFailure? Failure { get; init; }

    public int FruitlessAttempts { get; init; }

    /// <summary>While it recovers: not tried again before; null: at once.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Highest step that any attempt has reached.</summary>
    public int FurthestStep { get; init; }

    /// <summary><see cref="FurthestStep"/> when the last attempt failed: what the next has to pass to count as progress.</summary>
    public int FurthestStepBefore { get; init; }

    /// <summary>What it was measured at, in the order of its rungs.</summary>
    public ImmutableArray<RungResult> Rungs { get; init; } = [];

    /// <summary>That a user has given it, in place of its order's; null: nobody has.</summary>
    public int? OwnPriority { get; init; }


    /// <summary>It was measured at the last of <see cref="Rungs"/>, and not promoted there, whatever else has happened to it.</summary>
    public bool IsAtRung { get; init; }

    /// <summary>Time that ended attempts have held slots, those of all ranks added up.</summary>
    public TimeSpan Used { get; init; }

    public static RunRecord Of(RunSubmitted submitted) => new()
    {
        Order = submitted.Order,
        Since = submitted.At,
        Checkpoint = submitted.Order.StartsAt,
        FurthestStep = submitted.Order.StartsAt ?? 0,
        FurthestStepBefore = submitted.Order.StartsAt ?? 0,
    };

    public string Name => Order.Run;

    /// <summary>Step of the rung that lies before it; null: none.</summary>
    public int? NextRung
    {
        get
        {
            foreach (var rung in Order.Rungs ?? [])
                if (rung >= (Checkpoint ?? 0) && (Rungs.IsEmpty || rung > Rungs[^1].Step))
                    return rung;
            return null;
        }
    }

    /// <summary>Ready to be placed as soon as its slots are free.</summary>
    public bool IsWaiting => Attempt is null && State is RunState.Queued or RunState.Preempted or RunState.Recovering;

    /// <summary>The ranks that have not ended, by number.</summary>
    public IEnumerable<(int Number, RankState State)> LiveRanks
    {
        get
        {
            for (var number = 0; number < Attempt?.Ranks.Length; number++)
                if (Attempt.Ranks[number] is { Outcome: null } rank)
                    yield return (number, rank);
        }
    }

    /// <summary>With what the attempt under way has held so far.</summary>
    public TimeSpan UsedAt(DateTimeOffset now) => Used + (Attempt?.HeldUntil(now) ?? TimeSpan.Zero);

    /// <summary>An order as it counts for this run.</summary>
    public RunOrder Own(RunOrder order) => OwnPriority is { } priority ? order with { Priority = priority } : order;

    public RunRecord Apply(RunEvent change) => change is IAttemptEnd end ? (this with { Used = UsedAt(end.At) }).After(change) : After(change);

    private RunRecord After(RunEvent change) => change switch
    {
        RunPrioritised said => this with { OwnPriority = said.Priority, Order = Order with { Priority = said.Priority } },
        RunRevised revised => this with { Order = revised.Order },
        RunRebuilt rebuilt => Enter(rebuilt.HasSucceeded ? RunState.Succeeded : rebuilt.State ?? (rebuilt.IsAtRung ? RunState.Held : RunState.Queued), rebuilt.At) with
        {
            Rungs = rebuilt.Rungs ?? [],
            IsAtRung = rebuilt.IsAtRung,
            Generation = rebuilt.Generation,
            Checkpoint = rebuilt.Checkpoint,
            FurthestStep = rebuilt.Checkpoint ?? 0,
            FurthestStepBefore = rebuilt.Checkpoint ?? 0,
            Note = rebuilt.Reason,
            Used = rebuilt.Used ?? TimeSpan.Zero,
        },
        AttemptStarted started => Enter(RunState.Placing, started.At) with
        {
            Generation = started.Generation,
            Attempt = Attempt.On(started.Slots, started.ResumeStep, started.At) with { Start = started.Start },
            RetryAt = null,
            Note = State == RunState.Queued ? Note : null, // Promoted, or resumed: why there is another attempt.
        },
        AttemptPlaced placed => Enter(RunState.Starting, placed.At) with { Note = Note },
        StageEntered entered => Enter(RunState.Training, entered.At) with { Stage = entered.Stage },
        EvaluationEntered entered => Enter(RunState.Evaluating, entered.At),
        CheckpointTaken taken => this with { Checkpoint = taken.Step, FurthestStep = Math.Max(FurthestStep, taken.Step) },
        AttemptFailed failed => Enter(RunState.Recovering, failed.At) with
        {
            Attempt = null,
            Failure = failed.Failure,
            FruitlessAttempts = failed.FruitlessAttempts,
            FurthestStep = failed.FurthestStep,
            FurthestStepBefore = failed.FurthestStep,
            RetryAt = failed.RetryAt,
        },
        StopRequested requested => Enter(RunState.Stopping, requested.At) with { Stop = requested.Purpose, Note = requested.Reason, Keeps = requested.Keeps },
        RunStopped stopped => Enter(EndOf(stopped.Purpose), stopped.At) with { Attempt = null, Note = stopped.Reason, Keeps = stopped.Purpose == StopPurpose.Yield ? Keeps : null },
        RungReached reached => Reached(reached),
        RunPromoted promoted => Enter(RunState.Queued, promoted.At) with { IsAtRung = false, Note = promoted.Reason },
        RunPruned pruned => Enter(RunState.Pruned, pruned.At) with { Note = pruned.Reason },
        RunResumed resumed => Enter(IsAtRung ? RunState.Held : RunState.Queued, resumed.At) with { Failure = null, FruitlessAttempts = 0, RetryAt = null, Note = resumed.Reason },
        RunSucceeded succeeded => Enter(RunState.Succeeded, succeeded.At) with { Attempt = null, Failure = null },
        RunFailed failed => Enter(RunState.Failed, failed.At) with { Attempt = null, Failure = failed.Failure },
        AttemptBroken broken => Broken(broken),
        StepTaken step => this with { FurthestStep = Math.Max(FurthestStep, step.Step) },
        RankPhaseChanged phase => Rank(phase.Rank, rank => rank with { Phase = phase.Phase, Detail = phase.Detail, IsUnheard = false }),
        RankUnheard unheard => Rank(unheard.Rank, rank => rank with { IsUnheard = true }),
        RankListened listened => Rank(listened.Rank, rank => rank with { Endpoint = listened.Endpoint }),
        RankWarned warned => Rank(warned.Rank, rank => rank with { Warning = warned.Message }),
        RankPulsed pulsed => this with { Attempt = Attempt!.Pulsed(pulsed) },
        RankEnded ended => Rank(ended.Rank, rank => rank with { Outcome = ended.Outcome }),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "A run event without a rule."),
    };

    private RunRecord Enter(RunState state, DateTimeOffset at) => this with { State = state, Since = state == State ? Since : at, Stop = null, Note = null, Keeps = null };

    private static RunState EndOf(StopPurpose purpose) => purpose switch
    {
        StopPurpose.Yield => RunState.Preempted,
        StopPurpose.Cancel => RunState.Cancelled,
        _ => RunState.Paused,
    };

    private RunRecord Reached(RungReached reached)
    {
        var furthest = Math.Max(FurthestStep, reached.Step);
        var result = new RungResult(reached.Step, reached.Metric, reached.Value);
        return Enter(RunState.Held, reached.At) with
        {
            Attempt = null,
            Failure = null,
            FruitlessAttempts = 0,
            Checkpoint = Math.Max(Checkpoint ?? 0, reached.Step),
            FurthestStep = furthest,
            FurthestStepBefore = furthest,
            Rungs = Rungs.Add(result),
            IsAtRung = true,
            Note = $"{result}; waits for what others of its sweep come to there",
        };
    }

    private RunRecord Broken(AttemptBroken broken)
    {
        var next = State == RunState.Stopping ? this : Enter(RunState.Recovering, broken.At);
        return next with { Attempt = Attempt! with { Cause = broken.Failure }, Failure = broken.Failure };
    }

    private RunRecord Rank(int rank, Func<RankState, RankState> change) => this with { Attempt = Attempt!.With(rank, change) };
}
