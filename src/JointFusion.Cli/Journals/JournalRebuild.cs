using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>A lost journal anew, from what the folders of a root say of their runs.</summary>
internal static class JournalRebuild
{
    /// <summary>
    /// Attempts that no folder knows of, since none of their ranks came as far as to claim it: so many are thought possible, or an attempt that
    /// is still at work on some node might be taken for one that the new journal begins.
    /// </summary>
    private const int GenerationsUnseen = 100;

    /// <param name="root">Of a server that does not run.</param>
    /// <exception cref="BadInputException">There is a journal, a server runs, or a folder cannot be read.</exception>
    public static async Task<ImmutableArray<RebuiltRun>> WriteAsync(string root, JournalPlace journal, CancellationToken cancel)
    {
        if (!Directory.Exists(root))
            throw new BadInputException($"{root}: there is no such folder.");
        try
        {
            using var store = new ServedExperiments(root);
            await using var lease = journal is PostgresJournal shared ? await LeaderLease.OpenAsync(shared, root, cancel) : null;
            await using var lead = lease is null ? null : await lease.TryTakeAsync(new Uri("http://localhost"), TimeProvider.System, cancel)
                ?? throw new BadInputException($"{journal}: a server leads there. End the servers first.");
            var now = DateTimeOffset.UtcNow;
            ImmutableArray<RebuiltRun> runs = [.. store.All.SelectMany(experiment => experiment.Orders).Select(Look)];
            var sweeps = store.All.Select(experiment => experiment.Sweep).OfType<SweepOrder>().Select(sweep => new SweepSubmitted(sweep, now));
            var room = NoteFile.Read<RoomStanding>(new ServerRoot(root).Room) ?? RoomStanding.Open;
            await JournalWriter.BeginAsync(journal, [.. sweeps, .. runs.SelectMany(run => Events(run, now)), .. room.Events()], Path.Combine(root, "logs", "rebuild.log"), cancel);
            return runs;
        }
        catch (Exception unusable) when (unusable is InvalidOperationException or IOException or UnauthorizedAccessException or DatabaseAwayException)
        {
            throw new BadInputException(unusable.Message);
        }
    }

    private static IEnumerable<IJournalEvent> Events(RebuiltRun run, DateTimeOffset now) =>
    [
        new RunSubmitted(run.Order.Run, run.Order, now),
        new RunRebuilt(
            run.Order.Run, run.Generation + GenerationsUnseen, run.Checkpoint, run.HasSucceeded, now, run.Rungs.IsEmpty ? null : run.Rungs,
            run.HasSucceeded ? null : run.Standing.State, run.HasSucceeded ? null : run.Standing.Reason, run.Used == TimeSpan.Zero ? null : run.Used),
        .. run.Standing.Priority is { } priority ? (IJournalEvent[])[new RunPrioritised(run.Order.Run, priority, now)] : [],
    ];

    private static RebuiltRun Look(RunOrder order)
    {
        var folder = new RunFolder(order.RunFolder);
        var plan = PlanFile.Read(folder);
        var catalog = new CheckpointCatalog(folder);
        var newest = catalog.NewestWhole();
        if (newest?.Manifest is { } manifest && manifest.ScienceHash != plan.ScienceHash)
            throw new BadInputException($"{newest.Folder}: it is of another experiment than {folder.Plan} (science hash {manifest.ScienceHash}, not {plan.ScienceHash}). Move it away.");
        ImmutableArray<RungResult> rungs = [.. (order.Rungs ?? []).Where(step => File.Exists(folder.Rung(step))).Select(step => Rung(folder, plan, step))];
        var standing = RunStanding.Read(folder) ?? RunStanding.New;
        var used = standing.UsedUntil(File.Exists(folder.Metrics) ? File.GetLastWriteTimeUtc(folder.Metrics) : DateTime.UnixEpoch);
        return new RebuiltRun(
            order, catalog.Generation, newest?.Step, File.Exists(folder.Evaluation) && Read(folder.Evaluation).Rows.All(row => row.Run == plan.Run), rungs, standing, used);
    }

    private static RungResult Rung(RunFolder folder, RunPlan plan, int step)
    {
        var metric = plan.Sweep?.Asha?.Metric ?? default;
        return new RungResult(step, JsonNamingPolicy.SnakeCaseLower.ConvertName(metric.ToString()), RungScore.Of(Read(folder.Rung(step)).Rows, metric));
    }

    /// <summary>Written last of an attempt, or of its way to a rung, and whole.</summary>
    private static EvaluationReport Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(path), JointFusionJson.File) ?? throw new JsonException("it is empty");
        }
        catch (JsonException unreadable)
        {
            throw new BadInputException($"{path}: no results ({unreadable.Message}). Move it away, and the run is evaluated again.");
        }
    }
}

/// <summary>What a run's folder says of it.</summary>
/// <param name="Generation">The newest that came to write there; 0: none did.</param>
/// <param name="Checkpoint">Step of the newest whole one.</param>
/// <param name="Rungs">Of its sweep, that it was measured at.</param>
/// <param name="Standing">As a server has noted it.</param>
/// <param name="Used">That its attempts have held slots.</param>
internal sealed record RebuiltRun(RunOrder Order, int Generation, int? Checkpoint, bool HasSucceeded, ImmutableArray<RungResult> Rungs, RunStanding Standing, TimeSpan Used)
{
    /// <summary>For scripts.</summary>
    public object Row => new { Order.Run, HasSucceeded, Checkpoint, Standing.State, Standing.Reason, Standing.Priority, UsedHours = Used.TotalHours };

    public override string ToString() => $"{Order.Run}: {Words}{(Standing.Priority is { } priority ? $", at priority {priority}" : "")}";

    private string Words => this switch
    {
        { HasSucceeded: true } => "succeeded",
        { Standing: { State: { } state, Reason: var reason } } => $"{state.ToString().ToLowerInvariant()}{(reason is null ? "" : $" ({reason})")}",
        { Checkpoint: { } step } => string.Create(CultureInfo.InvariantCulture, $"goes on from its checkpoint at step {step}"),
        _ => "begins anew",
    };
}
