using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>What a run's folder says of it beside its steps.</summary>
/// <param name="Plan">Null while there is none.</param>
/// <param name="Attempts">Those that have begun to compute, the newest first.</param>
/// <param name="Checkpoints">Whole ones that are there, the newest first.</param>
/// <param name="Recalls">What it was measured at during training and at its end, by step.</param>
/// <param name="HasOutcomes">Whether it says how each query fared.</param>
public sealed record RunDetails(
    RunPlan? Plan, ImmutableArray<RunProvenance> Attempts, ImmutableArray<CheckpointView> Checkpoints, ImmutableArray<RecallPoint> Recalls,
    bool HasOutcomes)
{
    private const int Depth = 5;

    public static RunDetails Empty { get; } = new(null, [], [], [], false);

    /// <exception cref="InvalidDataException">A file is not what its name says.</exception>
    public static RunDetails Read(RunFolder folder)
    {
        var plan = File.Exists(folder.Plan) ? ExperimentReader.ReadPlan(folder) : null;
        return new RunDetails(plan, [.. ExperimentReader.ReadProvenance(folder).Reverse()], ReadCheckpoints(folder), ReadRecalls(folder, plan),
            File.Exists(folder.Outcomes));
    }

    private static ImmutableArray<CheckpointView> ReadCheckpoints(RunFolder folder) => !Directory.Exists(folder.Checkpoints)
        ? []
        : [.. Directory.EnumerateDirectories(folder.Checkpoints, "step-*").Select(ReadCheckpoint).OfType<CheckpointView>().OrderByDescending(checkpoint => checkpoint.Step)];

    /// <returns>Null: it is not whole yet, or is being removed.</returns>
    private static CheckpointView? ReadCheckpoint(string folder)
    {
        var path = Path.Combine(folder, "manifest.json");
        try
        {
            return JsonSerializer.Deserialize<CheckpointManifest>(File.ReadAllText(path), JointFusionJson.File) is { } manifest
                ? new CheckpointView(manifest.Step, manifest.Stage, manifest.Generation, manifest.Loss, manifest.Files.Sum(file => file.Bytes), File.GetLastWriteTimeUtc(path))
                : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static ImmutableArray<RecallPoint> ReadRecalls(RunFolder folder, RunPlan? plan)
    {
        if (plan is null || !Directory.Exists(folder.Path))
            return [];
        var reports = Directory.EnumerateFiles(folder.Path, "rung-*.json")
            .Select(path => (Step: int.TryParse(Path.GetFileNameWithoutExtension(path)["rung-".Length..], out var step) ? step : 0, Path: path))
            .Where(rung => rung.Step > 0)
            .Append((Step: plan.TotalSteps, Path: folder.Evaluation));
        return [.. reports.Where(report => File.Exists(report.Path)).SelectMany(report => Measured(report.Step, ExperimentReader.ReadEvaluation(report.Path).Rows)).OrderBy(point => point.Step)];
    }

    /// <summary>Recall@5 of each task, each pool counting the same: of the split that all reports have.</summary>
    private static IEnumerable<RecallPoint> Measured(int step, ImmutableArray<ResultRow> rows) =>
        from row in rows
        where row is { Metric: "recall", K: Depth, Targets: "all", Operation: "all", Inputs: "query", OwnImageInPool: false }
        where row.Split == (rows.Any(other => other.Split == "val") ? "val" : rows[0].Split)
        group row.Value by row.Task into task
        select new RecallPoint(step, task.Key, task.Average());
}

/// <summary>A checkpoint that a run can go on from, or another begin at.</summary>
/// <param name="Generation">The attempt that wrote it.</param>
/// <param name="Loss">Mean since the one before; null: no step was taken since.</param>
public sealed record CheckpointView(int Step, string Stage, int Generation, double? Loss, long Bytes, DateTimeOffset At);

/// <param name="Recall">@5, from 0 to 1.</param>
public sealed record RecallPoint(int Step, int Task, double Recall);
