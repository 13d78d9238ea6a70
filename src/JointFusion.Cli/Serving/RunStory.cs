using System.Globalization;
using JointFusion.Dashboard;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>A run's journal in words.</summary>
internal static class RunStory
{
    public static RunHappening Of(JournalEntry entry)
    {
        var (text, reason) = Words(entry.Event);
        return new RunHappening(entry.Number, entry.At, entry.Kind, AttemptOf(entry.Event), StepOf(entry.Event), text, reason);
    }

    private static (string Text, string? Reason) Words(RunEvent happened) => happened switch
    {
        RunSubmitted submitted => ($"Submitted, for {Workers(submitted.Order)}", submitted.Order.User is { } user ? $"by {user}" : null),
        RunRevised revised => ($"Submitted again, for {Workers(revised.Order)}", null),
        RunPrioritised said => (Text($"Priority {said.Priority}"), said.By is { } user ? $"by {user}" : null),
        RunRebuilt rebuilt => (rebuilt.HasSucceeded ? "Taken up as succeeded" : "Taken up", "the journal was lost, and its folder says so"),
        AttemptStarted started => (Text($"Attempt {started.Generation} placed on {string.Join(", ", started.Slots)}"), Beginning(started)),
        AttemptPlaced => ("Every node has taken it", null),
        StageEntered entered => ($"Stage {entered.Stage}", null),
        EvaluationEntered => ("Evaluation", null),
        CheckpointTaken taken => (Text($"Checkpoint at step {taken.Step:N0}"), null),
        AttemptBroken broken => ("Attempt broken: its other ranks are ended", broken.Failure.ToString()),
        AttemptFailed failed => (failed.RetryAt is { } at ? Text($"Attempt over; the next one waits until {at:u}") : "Attempt over; another one follows", failed.Failure.ToString()),
        RankEnded ended => (Text($"Rank {ended.Rank} {Outcome(ended.Outcome)}"), (ended.Outcome as ReplicaOutcome.Failed)?.Message),
        StopRequested requested => ($"Asked to {Purpose(requested.Purpose)}", requested.Reason),
        RunStopped stopped => (Stopped(stopped.Purpose), stopped.Reason),
        RunResumed resumed => ("Queued again", resumed.Reason),
        RungReached reached => (Text($"At its rung of step {reached.Step:N0}: {reached.Metric} {reached.Value:0.0000}"), null),
        RunPromoted promoted => ("Goes on beyond its rung", promoted.Reason),
        RunPruned pruned => ("Ended at its rung", pruned.Reason),
        RunSucceeded => ("Succeeded", null),
        RunFailed failed => ("Failed", failed.Failure.ToString()),
        _ => (happened.GetType().Name, null),
    };

    private static string? Beginning(AttemptStarted started) => started switch
    {
        { ResumeStep: { } step } => Text($"from the checkpoint at step {step:N0}"),
        { Start: { } shared } => Text($"from {shared.Run}'s checkpoint at step {shared.Step:N0}, which both have in common"),
        _ => "from its seed",
    };

    private static string Workers(RunOrder order) => order switch
    {
        { MinWorkers: { } fewest } => Text($"{fewest} to {order.Workers} workers"),
        { Workers: 1 } => "1 worker",
        _ => Text($"{order.Workers} workers"),
    };

    private static string Outcome(ReplicaOutcome outcome) => outcome switch
    {
        ReplicaOutcome.Succeeded => "done",
        ReplicaOutcome.Stopped stopped => Text($"stopped after step {stopped.Step:N0}"),
        ReplicaOutcome.AtRung rung => Text($"at the rung of step {rung.Step:N0}"),
        _ => "failed",
    };

    private static string Purpose(StopPurpose purpose) => purpose switch
    {
        StopPurpose.Pause => "take a checkpoint and pause",
        StopPurpose.Yield => "take a checkpoint and make room",
        _ => "end",
    };

    private static string Stopped(StopPurpose purpose) => purpose switch
    {
        StopPurpose.Pause => "Paused",
        StopPurpose.Yield => "Has made room, and waits for slots",
        _ => "Cancelled",
    };

    private static int? AttemptOf(RunEvent happened) => happened switch
    {
        AttemptStarted started => started.Generation,
        AttemptPlaced placed => placed.Generation,
        StageEntered entered => entered.Generation,
        EvaluationEntered entered => entered.Generation,
        CheckpointTaken taken => taken.Generation,
        AttemptBroken broken => broken.Generation,
        AttemptFailed failed => failed.Generation,
        RankEnded ended => ended.Generation,
        RungReached reached => reached.Generation,
        RunSucceeded succeeded => succeeded.Generation,
        RunFailed failed => failed.Generation,
        _ => null,
    };

    private static int? StepOf(RunEvent happened) => happened switch
    {
        AttemptStarted started => started.ResumeStep ?? started.Start?.Step,
        CheckpointTaken taken => taken.Step,
        RungReached reached => reached.Step,
        RankEnded { Outcome: ReplicaOutcome.Stopped stopped } => stopped.Step,
        _ => null,
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
