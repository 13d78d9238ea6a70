using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>standing.json in a run's folder: what otherwise the server's journal alone knows of the run, for the day that it is lost.</summary>
/// <param name="State">Paused, cancelled or failed, or about to be; null: it goes on, or has succeeded.</param>
/// <param name="Reason">Of that, for users.</param>
/// <param name="SlotSeconds">That ended attempts have held slots, those of all ranks added up.</param>
/// <param name="Began">When the attempt under way was placed; null: there is none.</param>
/// <param name="Ranks">That it has.</param>
/// <param name="Priority">That a user has given it, whatever its plan says; null: nobody has.</param>
internal sealed record RunStanding(RunState? State, string? Reason, double SlotSeconds, DateTimeOffset? Began, int Ranks, int? Priority = null)
{
    /// <summary>As of a run that has been submitted and no more.</summary>
    public static RunStanding New { get; } = new(null, null, 0, null, 0);

    /// <summary>What a user has asked for counts from then on, though the run's end may be still to come.</summary>
    public static RunStanding Of(RunSnapshot run)
    {
        RunState? state = (run.Stop, run.State) switch
        {
            (StopPurpose.Pause, _) => RunState.Paused,
            (StopPurpose.Cancel, _) => RunState.Cancelled,
            (_, RunState.Paused or RunState.Cancelled or RunState.Failed) => run.State,
            _ => null,
        };
        return new RunStanding(state, state is null ? null : run.Reason, run.Used.TotalSeconds, run.Began, run.Began is null ? 0 : run.Workers.Length, run.OwnPriority);
    }

    /// <summary>That its attempts have held slots; of the one under way up to the last step it is known to have taken.</summary>
    public TimeSpan UsedUntil(DateTimeOffset lastStep) =>
        TimeSpan.FromSeconds(SlotSeconds) + (Began is { } began && lastStep > began ? (lastStep - began) * Ranks : TimeSpan.Zero);

    /// <returns>Null: nothing was noted.</returns>
    /// <exception cref="BadInputException">The file is no standing.</exception>
    public static RunStanding? Read(RunFolder folder) => NoteFile.Read<RunStanding>(folder.Standing);
}
