using System.Text;
using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Dashboard;

/// <summary>How fast a worker of this server has trained, as measured in a run of it.</summary>
/// <param name="Run">That was measured.</param>
/// <param name="FlopsPerSecond">Of one worker, the median of the run's latest steps.</param>
public sealed record MeasuredSpeed(string Run, double FlopsPerSecond)
{
    private const int StepsRead = 50;
    private const int LongestTail = 64 << 10;

    /// <summary>What a run's workers would be held for by its steps alone: no evaluation, no checkpoints.</summary>
    public double DeviceHours(RunPlan plan) => plan.Estimates.TrainingFlops / FlopsPerSecond / 3600;

    /// <summary>Of the run whose pairs cost most nearly as much, among those on the same device at the same precision.</summary>
    /// <returns>Null: none was measured.</returns>
    public static MeasuredSpeed? For(RunPlan plan, IEnumerable<(RunFolder Folder, RunPlan Plan)> runs) => runs
        .Where(run => run.Plan.Resources.Device == plan.Resources.Device && run.Plan.Retriever.Precision == plan.Retriever.Precision)
        .OrderBy(run => Math.Abs(Math.Log(FlopsPerPair(run.Plan) / FlopsPerPair(plan))))
        .Select(run => Of(run.Folder, run.Plan))
        .FirstOrDefault(speed => speed is not null);

    /// <summary>As it is trained: with what is computed twice, and with its negatives.</summary>
    private static double FlopsPerPair(RunPlan plan) => plan.Estimates.TrainingFlops / plan.Stages.Sum(stage => (double)stage.Spec.Steps * stage.Spec.GlobalBatch);

    private static MeasuredSpeed? Of(RunFolder folder, RunPlan plan)
    {
        var rates = LatestRates(folder.Metrics);
        if (rates.Count == 0)
            return null;
        var pairs = rates.Order().ElementAt(rates.Count / 2);
        return new MeasuredSpeed(plan.Run, pairs * FlopsPerPair(plan) / plan.Resources.Workers);
    }

    private static List<double> LatestRates(string path)
    {
        if (!File.Exists(path))
            return [];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Max(0, file.Length - LongestTail);
        var isCut = file.Position > 0;
        using var reader = new StreamReader(file, Encoding.UTF8);
        var text = reader.ReadToEnd();
        var lines = text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return [.. lines.Skip(isCut ? 1 : 0).TakeLast(StepsRead)
            .Select(line => JsonSerializer.Deserialize<StepMetrics>(line, JointFusionJson.Line)!.PairsPerSecond)
            .Where(rate => double.IsFinite(rate) && rate > 0)];
    }
}
