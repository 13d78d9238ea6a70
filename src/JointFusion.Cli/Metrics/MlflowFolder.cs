using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary>Runs in the layout of MLflow's file store, which <c>mlflow ui --backend-store-uri DIR</c> shows.</summary>
/// <remarks>
/// <code>
///   EXPERIMENT/meta.yaml
///   EXPERIMENT/RUN/meta.yaml, metrics/KEY (a line a value: milliseconds value step), params/KEY, tags/KEY
/// </code>
/// Ids follow from the names, so that an export made again replaces the one before. In keys a dot takes the slash's place: a file <c>loss</c> leaves no room for a
/// folder <c>loss/</c>.
/// </remarks>
/// <param name="root">Made if it is not there; may hold other experiments.</param>
internal sealed class MlflowFolder(string root)
{
    private const int Finished = 3, Running = 1, LocalSource = 4;

    /// <returns>The run's folder.</returns>
    public string Write(RunSeries run)
    {
        var experiment = ExperimentId(run.Plan.Experiment);
        var runId = Hash($"{run.Plan.Experiment}/{run.Plan.Run}/{run.Plan.PlanHash}/{run.Steps[0].At.ToUnixTimeMilliseconds()}")[..32];
        var (above, folder) = (Path.Combine(root, experiment), Path.Combine(root, experiment, runId));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        var (began, ended) = (run.Steps[0].At.ToUnixTimeMilliseconds(), run.Steps[^1].At.ToUnixTimeMilliseconds());
        Put(Path.Combine(above, "meta.yaml"), Yaml(
            ("artifact_location", AddressOf(above)), ("creation_time", began), ("experiment_id", experiment), ("last_update_time", ended), ("lifecycle_stage", "active"), ("name", run.Plan.Experiment)));
        foreach (var series in run.Scalars().GroupBy(scalar => scalar.Tag))
            Put(Path.Combine(folder, "metrics", series.Key.Replace('/', '.')), string.Concat(series.Select(scalar => Text($"{scalar.At.ToUnixTimeMilliseconds()} {scalar.Value:R} {scalar.Step}\n"))));
        foreach (var (key, value) in Parameters(run.Plan))
            Put(Path.Combine(folder, "params", key), value);
        Put(Path.Combine(folder, "tags", "mlflow.runName"), run.Plan.Run);
        Put(Path.Combine(folder, "tags", "jointfusion.ledger"), run.Steps[^1].Ledger);
        var isOver = run.Steps[^1].Step >= run.Plan.TotalSteps;
        Put(Path.Combine(folder, "meta.yaml"), Yaml(
            ("artifact_uri", AddressOf(Path.Combine(folder, "artifacts"))), ("end_time", isOver ? ended : null), ("entry_point_name", ""), ("experiment_id", experiment), ("lifecycle_stage", "active"),
            ("run_id", runId), ("run_name", run.Plan.Run), ("run_uuid", runId), ("source_name", ""), ("source_type", LocalSource), ("source_version", ""), ("start_time", began),
            ("status", isOver ? Finished : Running), ("tags", Array.Empty<string>()), ("user_id", "jointfusion")));
        return folder;
    }

    /// <summary>What was chosen: fusion, seed, data, hashes, and every key of the stages.</summary>
    private static IEnumerable<(string Key, string Value)> Parameters(RunPlan plan)
    {
        yield return ("fusion", plan.Retriever.Shape.Fusion.ToString().ToLowerInvariant());
        yield return ("preset", plan.Retriever.Preset?.ToString().ToLowerInvariant() ?? plan.Retriever.Shape.Backbone?.Model.ToString() ?? "");
        yield return ("parameters", Text($"{plan.Retriever.Parameters}"));
        yield return ("seed", Text($"{plan.Seed}"));
        yield return ("data_manifest", plan.Data.ManifestHash);
        yield return ("workers", Text($"{plan.Resources.Workers}"));
        yield return ("science_hash", plan.ScienceHash);
        yield return ("plan_hash", plan.PlanHash);
        foreach (var stage in plan.Stages)
            foreach (var key in JsonSerializer.SerializeToElement(stage.Spec, JointFusionJson.Line).EnumerateObject().Where(key => key.Value.ValueKind != JsonValueKind.Null))
                yield return (Text($"stages.{stage.Index}.{key.Name}"), key.Value.ValueKind == JsonValueKind.String ? key.Value.GetString()! : key.Value.GetRawText());
    }

    /// <summary>Eighteen digits, as MLflow numbers its own.</summary>
    private static string ExperimentId(string name) =>
        (BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(name))) % 1_000_000_000_000_000_000).ToString("D18", CultureInfo.InvariantCulture);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string AddressOf(string path) => new Uri(Path.GetFullPath(path)).AbsoluteUri;

    /// <summary>Values as JSON, which YAML takes: ids of digits stay texts.</summary>
    private static string Yaml(params (string Key, object? Value)[] entries) => string.Concat(entries.Select(entry => $"{entry.Key}: {JsonSerializer.Serialize(entry.Value, JointFusionJson.Line)}\n"));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
