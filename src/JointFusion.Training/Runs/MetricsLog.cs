using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>metrics.jsonl: one line a step, flushed line by line, cut back on resume to the steps that the checkpoint holds.</summary>
public sealed class MetricsLog : IDisposable
{
    private readonly StreamWriter writer;

    /// <param name="keepThrough">Later steps are dropped: they will be done again. A half-written last line is dropped too.</param>
    public MetricsLog(RunFolder folder, int keepThrough)
    {
        var kept = File.Exists(folder.Metrics) ? KeptLines(folder.Metrics, keepThrough) : [];
        var beside = folder.Metrics + ".tmp";
        File.WriteAllLines(beside, kept);
        File.Move(beside, folder.Metrics, overwrite: true);
        writer = new StreamWriter(folder.Metrics, append: true) { AutoFlush = true };
    }

    public void Append(StepMetrics metrics) => writer.WriteLine(JsonSerializer.Serialize(metrics, JointFusionJson.Line));

    public void Dispose() => writer.Dispose();

    private static List<string> KeptLines(string path, int keepThrough)
    {
        var kept = new List<string>();
        foreach (var line in File.ReadLines(path))
        {
            if (StepOf(line) is not { } step || step > keepThrough)
                break;
            kept.Add(line);
        }
        return kept;
    }

    /// <returns>Null for a line that a crash cut short.</returns>
    private static int? StepOf(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<StepMetrics>(line, JointFusionJson.Line)?.Step;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
