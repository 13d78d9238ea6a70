using System.Globalization;

namespace JointFusion.Dashboard;

/// <summary>What two runs must share, apart from the fusion, before their figures may be set against each other.</summary>
internal static class RunConditions
{
    /// <summary>The conditions that differ, in words; empty where the runs are comparable.</summary>
    public static IReadOnlyList<string> Differences(RunResults a, RunResults b)
    {
        List<string> found = [];
        Compare("data", a.Plan.Data.ManifestHash, b.Plan.Data.ManifestHash);
        Compare("picture size", a.Plan.Data.ImageSize, b.Plan.Data.ImageSize);
        Compare("seed", a.Plan.Seed, b.Plan.Seed);
        Compare("preset", Model(a), Model(b));
        Compare("pixel scale", a.Plan.Retriever.Pixels, b.Plan.Retriever.Pixels);
        Compare("precision", a.Plan.Retriever.Precision, b.Plan.Retriever.Precision);
        Compare("temperature", Temperatures(a), Temperatures(b));
        Compare("logit bias", Bias(a), Bias(b));
        found.AddRange(TrainingDifferences.OfStages(a.Plan, b.Plan));
        Compare("ledger", Ledger(a), Ledger(b));
        return found;

        void Compare<T>(string name, T left, T right) where T : notnull
        {
            if (!left.Equals(right))
                found.Add($"{name} {left} against {right}");
        }
    }

    private static string Temperatures(RunResults run) => run.Plan.Retriever is { TemperatureFixed: true, Temperature: var temperature }
        ? $"{temperature} (fixed)"
        : $"{run.Plan.Retriever.Temperature} (at least {run.Plan.Retriever.MinimumTemperature})";

    private static string Model(RunResults run) =>
        run.Plan.Retriever.Backbone is { } backbone ? $"{run.Plan.Retriever.Shape.Backbone!.Model} {backbone.ContentHash}" : $"{run.Plan.Retriever.Preset}";

    private static string Bias(RunResults run) => run.Plan.Retriever.LogitBias?.ToString(CultureInfo.InvariantCulture) ?? "none";

    private static string Ledger(RunResults run) =>
        run.Rows.FirstOrDefault(row => row.Fusion != ExperimentResults.Pixels)?.Ledger ?? "none";
}
