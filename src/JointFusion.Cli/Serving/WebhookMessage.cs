using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>What a webhook is told, as JSON.</summary>
/// <param name="Id">The same however often it is delivered.</param>
/// <param name="Event">failed, stalled or finished.</param>
/// <param name="State">Of the run.</param>
/// <param name="Attempt">Its generation.</param>
internal sealed record WebhookMessage(
    string Id, string Event, DateTimeOffset At, string Experiment, string Run, string State, string? Reason, string? User, int Attempt, int? Checkpoint)
{
    /// <returns>Null: nobody has to be told.</returns>
    public static WebhookMessage? Of(RunSnapshot run, DateTimeOffset now) => EventOf(run) is { } happened
        ? new WebhookMessage(
            FormattableString.Invariant($"{run.Name}/{run.Generation}/{happened}/{run.Since.ToUnixTimeMilliseconds()}"), happened, now, run.Name.Split('/')[0], run.Name,
            run.State.ToString().ToLowerInvariant(), run.Reason, run.User, run.Generation, run.Checkpoint)
        : null;

    /// <summary>A live run has a reason only while a rank holds it up.</summary>
    private static string? EventOf(RunSnapshot run) => run.State switch
    {
        RunState.Failed => "failed",
        RunState.Succeeded => "finished",
        RunState.Training or RunState.Evaluating when run.Reason is not null => "stalled",
        _ => null,
    };
}
