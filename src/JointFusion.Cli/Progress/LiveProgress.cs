using JointFusion.Orchestration;
using Spectre.Console;

namespace JointFusion.Cli;

/// <summary>A table that is redrawn in place, for terminals.</summary>
public sealed class LiveProgress : IProgressView
{
    private static readonly TimeSpan BetweenFrames = TimeSpan.FromMilliseconds(200);

    private readonly IAnsiConsole console;
    private readonly TimeProvider time;
    private readonly TaskCompletionSource finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task display;
    private LiveDisplayContext? context;
    private long drawnAt;

    public LiveProgress(IAnsiConsole console, TimeProvider time)
    {
        (this.console, this.time) = (console, time);
        display = console.Live(new Text("")).StartAsync(live =>
        {
            context = live;
            return finished.Task;
        });
    }

    public void Show(ExperimentProgress progress, ClusterEvent happened)
    {
        if (happened is WorkerExited exited)
            console.MarkupLineInterpolated($"[yellow]worker {exited.Slot} (pid {exited.Pid}) ended: {exited.Reason}[/]");
        if (happened is WarningReported warning)
            console.MarkupLineInterpolated($"[yellow]{warning.Run}: warning of rank {warning.Rank}: {warning.Message}[/]");
        if (happened is StepReported && time.GetElapsedTime(drawnAt) < BetweenFrames)
            return;
        drawnAt = time.GetTimestamp();
        context?.UpdateTarget(Table(progress));
    }

    public void Dispose() => finished.TrySetResult();

    private static Table Table(ExperimentProgress progress)
    {
        var table = new Table { Border = TableBorder.Simple }
            .AddColumns("Run", "State", "Doing", "Step", "Progress", "Loss", "Pairs/s", "Training ends in");
        foreach (var run in progress.Runs)
        {
            table.AddRow(
                new Text(run.Name),
                new Text(run.State.ToString().ToLowerInvariant(), StyleOf(run.State)),
                new Text(run.Reason ?? (run.State.IsTerminal() ? "" : run.Phase)),
                new Text(ProgressText.Steps(run)),
                new Text(Bar(run)),
                new Text(ProgressText.Loss(run)),
                new Text(ProgressText.Rate(run)),
                new Text(ProgressText.Remaining(run)));
        }
        return table;
    }

    private static string Bar(RunProgress run)
    {
        const int width = 20;
        var done = width * (run.Latest?.Step ?? 0) / run.TotalSteps;
        return new string('━', done) + new string('─', width - done);
    }

    private static Style StyleOf(RunState state) => state switch
    {
        RunState.Succeeded => Color.Green,
        RunState.Failed => Color.Red,
        RunState.Recovering => Color.Yellow,
        _ => Style.Plain,
    };
}
