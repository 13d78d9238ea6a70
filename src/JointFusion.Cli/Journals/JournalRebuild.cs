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
            await JournalWriter.BeginAsync(journal, [.. runs.SelectMany(run => Events(run, now))], Path.Combine(root, "logs", "rebuild.log"), cancel);
            return runs;
        }
        catch (Exception unusable) when (unusable is InvalidOperationException or IOException or UnauthorizedAccessException or DatabaseAwayException)
        {
            throw new BadInputException(unusable.Message);
        }
    }

    private static IEnumerable<IJournalEvent> Events(RebuiltRun run, DateTimeOffset now) =>
        [new RunSubmitted(run.Order.Run, run.Order, now), new RunRebuilt(run.Order.Run, run.Generation + GenerationsUnseen, run.Checkpoint, run.HasSucceeded, now)];

    private static RebuiltRun Look(RunOrder order)
    {
        var folder = new RunFolder(order.RunFolder);
        var plan = PlanFile.Read(folder);
        var catalog = new CheckpointCatalog(folder);
        var newest = catalog.NewestWhole();
        if (newest?.Manifest is { } manifest && manifest.ScienceHash != plan.ScienceHash)
            throw new BadInputException($"{newest.Folder}: it is of another experiment than {folder.Plan} (science hash {manifest.ScienceHash}, not {plan.ScienceHash}). Move it away.");
        return new RebuiltRun(order, catalog.Generation, newest?.Step, HasResults(folder, plan));
    }

    /// <summary>An attempt writes its results last, and whole.</summary>
    private static bool HasResults(RunFolder folder, RunPlan plan)
    {
        if (!File.Exists(folder.Evaluation))
            return false;
        try
        {
            return JsonSerializer.Deserialize<EvaluationReport>(File.ReadAllText(folder.Evaluation), JointFusionJson.File) is { } report && report.Rows.All(row => row.Run == plan.Run);
        }
        catch (JsonException unreadable)
        {
            throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{folder.Evaluation}: no results ({unreadable.Message}). Move it away, and the run is evaluated again."));
        }
    }
}

/// <summary>What a run's folder says of it.</summary>
/// <param name="Generation">The newest that came to write there; 0: none did.</param>
/// <param name="Checkpoint">Step of the newest whole one.</param>
internal sealed record RebuiltRun(RunOrder Order, int Generation, int? Checkpoint, bool HasSucceeded)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Order.Run}: {(HasSucceeded ? "succeeded" : Checkpoint is { } step ? $"goes on from its checkpoint at step {step}" : "begins anew")}");
}
