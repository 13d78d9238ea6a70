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

    public static void Write(IAnsiConsole console, ImmutableArray<ExperimentInfo> experiments)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Experiment", "State", "Runs", "Steps");
        foreach (var experiment in experiments)
        {
            var counts = experiment.Runs.GroupBy(State).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => $"{group.Count()} {group.Key}");
            table.AddRow(
                Markup.Escape(experiment.Name), experiment.State, string.Join(", ", counts),
                string.Create(CultureInfo.InvariantCulture, $"{experiment.Runs.Sum(run => run.Step):N0} of {experiment.Runs.Sum(run => run.TotalSteps ?? 0):N0}"));
        }
        console.Write(table);
    }

    public static void Write(IAnsiConsole console, ExperimentInfo experiment)
    {
        var isRanked = experiment.Runs.Any(run => run.Priority != 0);
        var table = new Table().Border(TableBorder.Simple).AddColumns(["Run", "User", .. isRanked ? (string[])["Priority"] : [], "State", "Stage", "Step", "Training ends in", "Loss", "Checkpoint", "Attempt", "Reason"]);
        foreach (var run in experiment.Runs)
        {
            table.AddRow(
            [
                Markup.Escape(run.Name), Markup.Escape(run.User ?? "-"), .. isRanked ? (string[])[run.Priority.ToString(CultureInfo.InvariantCulture)] : [], State(run), Markup.Escape(run.Stage ?? "-"),
                Steps(run), Left(run) ?? "-",
                run.Loss?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-", run.Checkpoint?.ToString("N0", CultureInfo.InvariantCulture) ?? "-",
                run.Generation.ToString(CultureInfo.InvariantCulture), Markup.Escape(run.Reason ?? ""),
            ]);
        }
        console.Write(table);
        console.WriteLine(experiment.Report is null ? $"Folder: {experiment.Folder}" : $"Report: {experiment.Report}");
    }

    public static void Write(IAnsiConsole console, RunInfo info)
    {
        console.WriteLine(Line(info.Run));
        console.WriteLine($"Step {Steps(info.Run)}{(Left(info.Run) is { } left ? $", training ends in {left}" : "")}");
        if (info.Run.User is { } user)
            console.WriteLine($"Submitted by {user}");
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Device-hours so far: {info.Run.DeviceHours:0.####}{(info.Run.Priority == 0 ? "" : $"; priority {info.Run.Priority}")}"));
        if (info.Run.MissedSteps > 0)
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{info.Run.MissedSteps:N0} steps' metrics came too fast to be passed on; metrics.jsonl in the run's folder has them all"));
        if (info.Provenance is { } by)
            console.WriteLine($"Computed by jf {by.Version}{(by.Commit is null ? "" : $" ({by.Commit[..Math.Min(by.Commit.Length, 12)]})")}, build {by.Binary}, on {by.Host} ({by.Processor}{(by.Driver is null ? "" : $", {by.Driver}")}), from data {by.Data}");
        var table = new Table().Border(TableBorder.Simple).AddColumns("Rank", "Node", "Worker", "Process", "Phase", "Detail");
        foreach (var rank in info.Ranks)
        {
            table.AddRow(
                rank.Rank.ToString(CultureInfo.InvariantCulture), Markup.Escape(rank.Node), rank.Slot.ToString(CultureInfo.InvariantCulture),
                rank.Pid?.ToString(CultureInfo.InvariantCulture) ?? "-", Markup.Escape(rank.Phase), Markup.Escape(rank.Detail));
        }
        if (!info.Ranks.IsEmpty)
            console.Write(table);
    }

    public static void Write(IAnsiConsole console, ImmutableArray<LiveNode> nodes)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Node", "Labels", "Worker", "Process", "Phase", "Run", "Rank", "Detail");
        foreach (var (node, worker) in nodes.SelectMany(node => node.Workers.Select(worker => (node, worker))))
        {
            table.AddRow(
                Markup.Escape(node.IsDraining ? $"{node.Name} (draining)" : node.Name), Markup.Escape(string.Join(", ", node.Labels)), worker.Slot.ToString(CultureInfo.InvariantCulture), worker.Pid?.ToString(CultureInfo.InvariantCulture) ?? "-",
                Markup.Escape(worker.Phase), Markup.Escape(worker.Run ?? "-"), worker.Rank?.ToString(CultureInfo.InvariantCulture) ?? "-", Markup.Escape(worker.Detail));
        }
        console.Write(table);
    }

    private static string Steps(RunStatus run) => string.Create(CultureInfo.InvariantCulture, $"{run.Step:N0}{(run.TotalSteps is { } total ? $" of {total:N0}" : "")}");

    /// <summary>At the measured pace; null where nothing can be said.</summary>
    private static string? Left(RunStatus run) => run.TrainingSecondsLeft is { } seconds ? ProgressText.Span(TimeSpan.FromSeconds(seconds)) : null;

    private static string State(RunStatus run) => run.State.ToString().ToLowerInvariant();
}
