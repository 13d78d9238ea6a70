using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Reads what the runs of an experiment have left in its folder so far.</summary>
public static class ExperimentReader
{
    /// <summary>Every run that has a plan: early fusion first, then score, then feature, by seed and name within.</summary>
    /// <exception cref="InvalidDataException">A file is not what its name says; names file and cause.</exception>
    public static ImmutableArray<RunResults> Read(ExperimentFolder folder)
    {
        if (!Directory.Exists(folder.Runs))
            return [];
        return [.. Directory.EnumerateDirectories(folder.Runs)
            .Select(path => new RunFolder(path))
            .Where(run => File.Exists(run.Plan))
            .Select(ReadRun)
            .OrderBy(run => run.Fusion).ThenBy(run => run.Plan.Seed).ThenBy(run => run.Name, StringComparer.Ordinal)];
    }

    private static RunResults ReadRun(RunFolder folder)
    {
        return new RunResults(ReadPlan(folder), ReadRows(folder), JsonLines.Read<QueryOutcome>(folder.Outcomes), ReadSteps(folder)) { Provenance = ReadProvenance(folder) };
    }

    /// <summary>An attempt each; empty for runs of older versions.</summary>
    public static ImmutableArray<RunProvenance> ReadProvenance(RunFolder folder) => [.. JsonLines.Read<RunProvenance>(folder.Provenance)];

    /// <summary>metrics.jsonl with steps that were done twice (before a crash and again after it) counted once.</summary>
    public static ImmutableArray<StepMetrics> ReadSteps(RunFolder folder)
    {
        var byStep = new SortedDictionary<int, StepMetrics>();
        foreach (var step in JsonLines.Read<StepMetrics>(folder.Metrics))
            byStep[step.Step] = step;
        return [.. byStep.Values];
    }

    /// <summary>Of evaluation.json; empty while there is none.</summary>
    internal static ImmutableArray<ResultRow> ReadRows(RunFolder folder) => File.Exists(folder.Evaluation) ? ReadFile<EvaluationReport>(folder.Evaluation).Rows : [];

    internal static RunPlan ReadPlan(RunFolder folder) => ReadFile<RunPlan>(folder.Plan);

    /// <param name="path">evaluation.json, or that of a rung.</param>
    internal static EvaluationReport ReadEvaluation(string path) => ReadFile<EvaluationReport>(path);

    private static T ReadFile<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), JointFusionJson.File) ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"{path}: not a {typeof(T).Name}: {fault.Message} Run the experiment again to rewrite it.", fault);
        }
    }
}
