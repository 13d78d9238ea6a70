using System.Text.Json;
using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>metrics.jsonl: one line a step, written line by line, cut back on resume to the steps that the checkpoint holds.</summary>
/// <remarks>A full disk does not end training: lines wait in memory until there is room. <see cref="Fault"/> tells, since no checkpoint may get ahead of them.</remarks>
public sealed class MetricsLog : IDisposable
{
    private readonly Stream file;
    private readonly MemoryStream waiting = new();

    /// <param name="keepThrough">Later steps are dropped: they will be done again. A half-written last line is dropped too.</param>
    public MetricsLog(RunFolder folder, int keepThrough)
    {
        var kept = File.Exists(folder.Metrics) ? KeptLines(folder.Metrics, keepThrough) : [];
        var beside = folder.Metrics + ".tmp";
        File.WriteAllLines(beside, kept);
        File.Move(beside, folder.Metrics, overwrite: true);
        const int unbuffered = 0;
        file = new FileStream(folder.Metrics, FileMode.Append, FileAccess.Write, FileShare.Read, unbuffered);
    }

    /// <param name="file">At its end; owned.</param>
    internal MetricsLog(Stream file) => this.file = file;

    /// <summary>Why the latest steps are not in the file; null: all are.</summary>
    public IOException? Fault { get; private set; }

    /// <summary>Writes the step, and before it those that did not fit so far.</summary>
    public void Append(StepMetrics metrics)
    {
        JsonSerializer.Serialize(waiting, metrics, JointFusionJson.Line);
        waiting.WriteByte((byte)'\n');
        var whole = file.Length;
        try
        {
            file.Write(waiting.GetBuffer().AsSpan(0, (int)waiting.Length));
            waiting.SetLength(0);
            Fault = null;
        }
        catch (IOException refused)
        {
            file.SetLength(whole);
            Fault = refused;
        }
    }

    public void Dispose()
    {
        file.Dispose();
        waiting.Dispose();
    }

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
