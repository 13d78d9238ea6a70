using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>Reads what the sweep pages show, each file once as long as it stays as it is.</summary>
internal sealed class SweepReader
{
    private const int MostKept = 4096;
    private readonly ConcurrentDictionary<string, (DateTime Written, object Value)> kept = new(StringComparer.Ordinal);

    /// <param name="statuses">By the cluster's name of a run.</param>
    /// <param name="rungs">The same.</param>
    /// <exception cref="InvalidDataException">A file is not what its name says; names file and cause.</exception>
    public SweepBoard Read(
        ShelvedExperiment experiment, IReadOnlyDictionary<string, RunStatus> statuses, IReadOnlyDictionary<string, ImmutableArray<RungInfo>> rungs)
    {
        var swept = Kept(experiment.Folder.Spec, SweptOf) ?? ImmutableDictionary<string, ImmutableSortedDictionary<string, string>>.Empty;
        ImmutableArray<SweepRow> rows = [.. experiment.Runs.Select(Row)];
        return SweepBoard.Of([.. swept.Values.SelectMany(values => values.Keys).Distinct()], rows);

        SweepRow Row(ShelvedRun run)
        {
            var plan = Kept(run.Folder.Plan, _ => ExperimentReader.ReadPlan(run.Folder));
            return new SweepRow(
                run, statuses.GetValueOrDefault(run.Known), plan is null ? "" : Marks.Name(plan.Retriever.Shape.Fusion), plan?.Seed ?? 0,
                swept.GetValueOrDefault(run.Name, ImmutableSortedDictionary<string, string>.Empty), rungs.GetValueOrDefault(run.Known, []),
                Kept(run.Folder.Evaluation, ScoreOf)?.Score);
        }
    }

    /// <summary>Early against late of all runs that were evaluated.</summary>
    /// <returns>Of results.json where it is the newest, else made anew.</returns>
    /// <inheritdoc cref="Read"/>
    public ExperimentResults Results(ShelvedExperiment experiment)
    {
        var written = experiment.Runs.Select(run => File.GetLastWriteTimeUtc(run.Folder.Evaluation)).DefaultIfEmpty().Max();
        if (File.Exists(experiment.Folder.Results) && File.GetLastWriteTimeUtc(experiment.Folder.Results) >= written)
            return Kept(experiment.Folder.Results, path => Parse<ExperimentResults>(path))!;
        var key = experiment.Folder.Runs;
        if (kept.TryGetValue(key, out var before) && before.Written == written)
            return (ExperimentResults)before.Value;
        var made = ExperimentResults.From(ExperimentReader.Read(experiment.Folder));
        kept[key] = (written, made);
        return made;
    }

    private static Scored ScoreOf(string path) => new(ScoreConditions.Of(Parse<EvaluationReport>(path).Rows));

    private static ImmutableDictionary<string, ImmutableSortedDictionary<string, string>> SweptOf(string path)
    {
        var loaded = SpecLoader.Load(path);
        return loaded.IsValid
            ? SweepExpander.Expand(loaded.Spec).Runs.ToImmutableDictionary(
                run => run.Name, run => run.Swept.ToImmutableSortedDictionary(value => value.KeyPath, value => value.Text, StringComparer.Ordinal), StringComparer.Ordinal)
            : ImmutableDictionary<string, ImmutableSortedDictionary<string, string>>.Empty; // Of a version that knew other keys: its runs are shown without what they were given.
    }

    private static T Parse<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), JointFusionJson.File) ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"{path}: not a {typeof(T).Name}: {fault.Message}", fault);
        }
    }

    /// <returns>Null where there is no such file.</returns>
    private T? Kept<T>(string path, Func<string, T> read)
        where T : class
    {
        if (!File.Exists(path))
            return null;
        var written = File.GetLastWriteTimeUtc(path);
        if (kept.TryGetValue(path, out var before) && before.Written == written)
            return (T)before.Value;
        if (kept.Count > MostKept)
            kept.Clear();
        var value = read(path);
        kept[path] = (written, value);
        return value;
    }

    private sealed record Scored(RunScore? Score);
}
