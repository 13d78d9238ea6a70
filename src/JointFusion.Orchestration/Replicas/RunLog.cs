using System.Globalization;
using System.Text.Json;

namespace JointFusion.Orchestration;

/// <summary>What one rank of a run said and wrote, over all its attempts: logs/rank-N.log in the run's folder, where whoever shares it can read it.</summary>
internal sealed class RunLog : IDisposable
{
    private const int Unbuffered = 0;
    private readonly StreamWriter file;

    private RunLog(StreamWriter file) => this.file = file;

    /// <summary>Null where the run's folder is not: that is for the replica to find out and tell, not to be hidden by making one.</summary>
    public static RunLog? Open(ReplicaOrder order)
    {
        if (!Directory.Exists(order.RunFolder))
            return null;
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(order.RunFolder, "logs")).FullName;
            var path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"rank-{order.Rank}.log"));
            return new RunLog(new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, Unbuffered)) { AutoFlush = true });
        }
        catch (Exception unwritable) when (unwritable is IOException or UnauthorizedAccessException)
        {
            return null; // So does the replica, which names the folder.
        }
    }

    /// <summary>As the worker wrote it.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Line(string text) => file.WriteLine(text);

    /// <summary>In words, with the time; what comes once a step or a second is left out.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Say(WorkerMessage message, DateTimeOffset at)
    {
        if (InWords(message) is { } words)
            Line(string.Create(CultureInfo.InvariantCulture, $"{at:yyyy-MM-dd HH:mm:ss}Z {words}"));
    }

    public void Dispose() => file.Dispose();

    private static string? InWords(WorkerMessage message) => message switch
    {
        WorkerMessage.Listening listening => $"attempt {listening.Generation}: listens at {listening.Endpoint}",
        WorkerMessage.Phase phase => $"attempt {phase.Generation}: {JsonNamingPolicy.KebabCaseLower.ConvertName(phase.Value.ToString()).Replace('-', ' ')}{(phase.Detail.Length > 0 ? $" ({phase.Detail})" : "")}",
        WorkerMessage.Checkpoint checkpoint => $"attempt {checkpoint.Generation}: checkpoint at step {checkpoint.At}",
        WorkerMessage.Warning warning => $"attempt {warning.Generation}: warning: {warning.Message}",
        WorkerMessage.Ended ended => $"attempt {ended.Generation}: {InWords(ended.Outcome)}",
        _ => null,
    };

    private static string InWords(ReplicaOutcome outcome) => outcome switch
    {
        ReplicaOutcome.Stopped stopped => $"stopped after step {stopped.Step}",
        ReplicaOutcome.Failed failed => $"failed, {failed.Kind}: {failed.Message}",
        _ => "succeeded",
    };
}
