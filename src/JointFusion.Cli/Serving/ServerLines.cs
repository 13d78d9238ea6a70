using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>What a server says on its terminal: each change of a run, each worker that ended, and why it cannot go on.</summary>
internal static class ServerLines
{
    /// <summary>Until the coordinator or <paramref name="cancel"/> ends it.</summary>
    public static async Task WriteAsync(CoordinatorClient coordinator, TextWriter output, CancellationToken cancel)
    {
        using var feed = coordinator.Subscribe();
        Dictionary<string, (RunState, string?)> told = new(StringComparer.Ordinal);
        await foreach (var happened in feed.ReadAllAsync(cancel))
        {
            if (Line(happened, told) is { } line)
                await output.WriteLineAsync(line);
        }
    }

    private static string? Line(ClusterEvent happened, Dictionary<string, (RunState, string?)> told)
    {
        switch (happened)
        {
            case RunChanged { Run: var run } when !told.TryGetValue(run.Name, out var before) || before != (run.State, run.Reason):
                told[run.Name] = (run.State, run.Reason);
                return $"{run.Name}: {run.State.ToString().ToLowerInvariant()}{(run.Reason is null ? "" : $" ({run.Reason})")}";
            case WorkerExited exited:
                return $"worker {exited.Slot} (pid {exited.Pid}) ended: {exited.Reason}";
            case CoordinatorFailed failed:
                return $"{failed.Reason} Runs go on; the coordinator is started again every second until it can.";
            default:
                return null;
        }
    }
}
