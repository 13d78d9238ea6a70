using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>One line a change and one every few seconds of training: for pipes, logs and dumb terminals.</summary>
public sealed class PlainProgress(TextWriter output, TimeProvider time) : IProgressView
{
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, long> shownAt = [];
    private readonly Dictionary<string, (RunState State, string? Reason)> shown = [];

    public void Show(ExperimentProgress progress, ClusterEvent happened)
    {
        switch (happened)
        {
            case RunChanged { Run: var run } when !shown.TryGetValue(run.Name, out var before) || before != (run.State, run.Reason):
                shown[run.Name] = (run.State, run.Reason);
                output.WriteLine($"{run.Name}: {run.State.ToString().ToLowerInvariant()}{Because(run.Reason)}");
                break;
            case WorkerExited exited:
                output.WriteLine($"worker {exited.Slot} (pid {exited.Pid}) ended: {exited.Reason}");
                break;
            case WarningReported warning:
                output.WriteLine($"{warning.Run}: warning of rank {warning.Rank}: {warning.Message}");
                break;
            case StepReported step when Due(step.Metrics, progress):
                output.WriteLine(ProgressText.Line(progress.Runs.First(run => run.Name == step.Metrics.Run)));
                break;
        }
    }

    public void Dispose() => output.Flush();

    private static string Because(string? reason) => reason is null ? "" : $" ({reason})";

    private bool Due(StepMetrics step, ExperimentProgress progress)
    {
        var isLast = progress.Runs.Any(run => run.Name == step.Run && run.TotalSteps == step.Step);
        if (!isLast && shownAt.TryGetValue(step.Run, out var at) && time.GetElapsedTime(at) < BetweenSteps)
            return false;
        shownAt[step.Run] = time.GetTimestamp();
        return true;
    }
}
