using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using JointFusion.Dashboard;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>A server's answers for people and for scripts.</summary>
internal static class StatusView
{
    public static string Json<T>(T value, JsonTypeInfo<T> type)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            JsonSerializer.Serialize(writer, value, type);
        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>What has changed, without what changes at every step.</summary>
    public static string Line(RunStatus run) => $"{run.Name}: {State(run)}{(run.Reason is null ? "" : $" ({run.Reason})")}";

    /// <summary>Those under way first, then the newest.</summary>
    /// <param name="experiments">The oldest first.</param>
    public static void Write(Listing list, ImmutableArray<ExperimentInfo> experiments) =>
        list.Write([.. experiments.Reverse().OrderBy(experiment => experiment.IsOver)], "experiments", shown => [Table(shown)]);

    private static Table Table(IReadOnlyList<ExperimentInfo> experiments)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Experiment", "State", "Runs", "Steps");
        foreach (var experiment in experiments)
        {
            var counts = experiment.Runs.GroupBy(State).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}");
            table.AddRow(
                Markup.Escape(experiment.Name), experiment.State, string.Join(", ", counts),
                string.Create(CultureInfo.InvariantCulture, $"{experiment.Runs.Sum(run => run.Step):N0} of {experiment.Runs.Sum(run => run.TotalSteps ?? 0):N0}"));
        }
        return table;
    }

    /// <summary>As the page sorts them: what is under way first, then what waits, what failed, what stands still and what is done.</summary>
    public static void Write(Listing list, ExperimentInfo experiment) => list.Write(
        [.. experiment.Runs.OrderBy(run => RunGroups.Of(run.State))], "runs",
        shown => [Table(shown), new Text(experiment.Report is null ? $"Folder: {experiment.Folder}" : $"Report: {experiment.Report}")]);

    private static Table Table(IReadOnlyList<RunStatus> runs)
    {
        var isRanked = runs.Any(run => run.Priority != 0);
        var table = new Table().Border(TableBorder.Simple).AddColumns(["Run", "User", .. isRanked ? (string[])["Priority"] : [], "State", "Stage", "Step", "Training ends in", "Loss", "Checkpoint", "Attempt", "Reason"]);
        foreach (var run in runs)
        {
            table.AddRow(
            [
                Markup.Escape(run.Name), Markup.Escape(run.User ?? "-"), .. isRanked ? (string[])[run.Priority.ToString(CultureInfo.InvariantCulture)] : [], State(run), Markup.Escape(run.Stage ?? "-"),
                Steps(run), Left(run) ?? "-",
                run.Loss?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-", run.Checkpoint?.ToString("N0", CultureInfo.InvariantCulture) ?? "-",
                run.Generation.ToString(CultureInfo.InvariantCulture), Markup.Escape(run.Reason ?? ""),
            ]);
        }
        return table;
    }

    public static void Write(Listing list, RunInfo info) =>
        list.Write(info.Ranks, "ranks", shown => [.. Lines(info).Select(line => new Text(line)), .. shown.Count == 0 ? (Table[])[] : [Table(shown)]]);

    private static IEnumerable<string> Lines(RunInfo info)
    {
        yield return Line(info.Run);
        yield return $"Step {Steps(info.Run)}{(Left(info.Run) is { } left ? $", training ends in {left}" : "")}";
        if (info.Run.User is { } user)
            yield return $"Submitted by {user}";
        yield return string.Create(CultureInfo.InvariantCulture, $"Device-hours so far: {info.Run.DeviceHours:0.####}{(info.Run.Priority == 0 ? "" : $"; priority {info.Run.Priority}")}");
        if (info.Run.MissedSteps > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{info.Run.MissedSteps:N0} steps' metrics came too fast to be passed on; metrics.jsonl in the run's folder has them all");
        if (info.Provenance is { } by)
            yield return $"Computed by jf {by.Version}{(by.Commit is null ? "" : $" ({by.Commit[..Math.Min(by.Commit.Length, 12)]})")}, build {by.Binary}, on {by.Host} ({by.Processor}{(by.Driver is null ? "" : $", {by.Driver}")}), from data {by.Data}";
    }

    private static Table Table(IReadOnlyList<RankInfo> ranks)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Rank", "Node", "Worker", "Process", "Phase", "Detail");
        foreach (var rank in ranks)
        {
            table.AddRow(
                rank.Rank.ToString(CultureInfo.InvariantCulture), Markup.Escape(rank.Node), rank.Slot.ToString(CultureInfo.InvariantCulture),
                rank.Pid?.ToString(CultureInfo.InvariantCulture) ?? "-", Markup.Escape(rank.Phase), Markup.Escape(rank.Detail));
        }
        return table;
    }

    /// <summary>A line a worker; nodes with one at work first.</summary>
    public static void Write(Listing list, ImmutableArray<LiveNode> nodes) => list.Write(
        [.. nodes.OrderByDescending(node => node.Workers.Any(worker => worker.Run is not null)).SelectMany(node => node.Workers.Select(worker => (node, worker)))], "workers",
        shown => [Table(shown)]);

    private static Table Table(IReadOnlyList<(LiveNode Node, LiveWorker Worker)> workers)
    {
        var isMeasured = workers.Any(worker => worker.Node.Vitals?.Celsius is not null);
        var table = new Table().Border(TableBorder.Simple).AddColumns(["Node", "Labels", .. isMeasured ? (string[])["CPU"] : [], "Worker", "Process", "Phase", "Run", "Rank", "Detail"]);
        foreach (var (node, worker) in workers)
        {
            table.AddRow(
            [
                Markup.Escape(node.IsDraining ? $"{node.Name} (draining)" : node.Name), Markup.Escape(string.Join(", ", node.Labels)),
                .. isMeasured ? (string[])[node.Vitals?.Celsius is { } celsius ? string.Create(CultureInfo.InvariantCulture, $"{celsius:0} °C") : "-"] : [], worker.Slot.ToString(CultureInfo.InvariantCulture), worker.Pid?.ToString(CultureInfo.InvariantCulture) ?? "-",
                Markup.Escape(worker.Phase), Markup.Escape(worker.Run ?? "-"), worker.Rank?.ToString(CultureInfo.InvariantCulture) ?? "-", Markup.Escape(worker.Detail),
            ]);
        }
        return table;
    }

    private static string Steps(RunStatus run) => string.Create(CultureInfo.InvariantCulture, $"{run.Step:N0}{(run.TotalSteps is { } total ? $" of {total:N0}" : "")}");

    /// <summary>At the measured pace; null where nothing can be said.</summary>
    private static string? Left(RunStatus run) => run.TrainingSecondsLeft is { } seconds ? ProgressText.Span(TimeSpan.FromSeconds(seconds)) : null;

    private static string State(RunStatus run) => run.State.ToString().ToLowerInvariant();
}
