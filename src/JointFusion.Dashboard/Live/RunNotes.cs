using System.Collections.Immutable;

namespace JointFusion.Dashboard;

/// <summary>What happened to each run, told from one snapshot to the next. Not thread-safe: its board guards it.</summary>
internal sealed class RunNotes
{
    /// <summary>Of a run; older ones are forgotten.</summary>
    public const int MostKept = 100;

    private readonly Dictionary<string, (LiveRun Last, ImmutableList<RunNote> Notes)> byRun = new(StringComparer.Ordinal);

    /// <summary>The newest first.</summary>
    public ImmutableArray<RunNote> Of(string run) => byRun.TryGetValue(run, out var known) ? [.. known.Notes.Reverse()] : [];

    public void Look(LiveRun run, DateTimeOffset now)
    {
        var (before, notes) = byRun.TryGetValue(run.Name, out var known) ? known : (null, []);
        if (before == run)
            return;
        foreach (var note in Changes(before, run, now))
            notes = notes.Count == MostKept ? notes.RemoveAt(0).Add(note) : notes.Add(note);
        byRun[run.Name] = (run, notes);
    }

    private static IEnumerable<RunNote> Changes(LiveRun? before, LiveRun run, DateTimeOffset now)
    {
        if (before is not null && run.Checkpoint is { } step && step != before.Checkpoint)
            yield return new RunNote(now, $"checkpoint at step {step:N0}", IsJournalled: true);
        if (before?.State != run.State || before.Generation != run.Generation || before.Stage != run.Stage)
            yield return new RunNote(run.Since > now || before?.Since == run.Since ? now : run.Since, Words(run), IsJournalled: true);
        else if (run.Reason is not null && run.Reason != before.Reason)
            yield return new RunNote(now, run.Reason, IsJournalled: false);
    }

    private static string Words(LiveRun run)
    {
        var attempt = run.Generation > 0 ? $", attempt {run.Generation}" : "";
        var stage = run.Stage is { } name && run.State == LiveRunState.Training ? $" ({name})" : "";
        return $"{Marks.Name(run.State)}{stage}{attempt}{(run.Reason is null ? "" : $": {run.Reason}")}";
    }
}
