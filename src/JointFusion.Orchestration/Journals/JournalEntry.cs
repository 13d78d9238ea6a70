namespace JointFusion.Orchestration;

/// <summary>Something that happened to a run, as a journal holds it.</summary>
/// <param name="Number">Later entries have higher ones.</param>
/// <param name="At">When it was written.</param>
/// <param name="Kind">Its name in the journal, such as <c>run-stopped</c>.</param>
public sealed record JournalEntry(long Number, DateTimeOffset At, string Kind, RunEvent Event);
