using JointFusion.Dashboard;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Orchestration;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>Trains and evaluates all runs of an opened experiment on a cluster in this process, then writes results and report.</summary>
public sealed class ExperimentRunner(CliContext context, ExperimentWorkspace workspace)
{
    /// <param name="dashboard">Null serves no live page.</param>
    /// <returns>See <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(DashboardOptions? dashboard, Interruption interruption)
    {
        var folder = workspace.Folder;
        await context.RawOut.WriteLineAsync($"{(workspace.Plans.Length == 1 ? "1 run" : $"{workspace.Plans.Length} runs")} in {folder.Path}");
        await using var page = new LivePage(dashboard, context, folder);
        ClusterSnapshot end;
        try
        {
            await using var cluster = await LocalCluster.StartAsync(Options(folder), interruption.Insisted);
            await page.ServeAsync(cluster);
            end = await RunAll(cluster, interruption);
            page.Settle(end);
        }
        catch (InvalidOperationException coordinatorFailed)
        {
            await context.Error.WriteLineAsync(coordinatorFailed.Message);
            await TellHowToGoOn();
            await page.EndAsync(HowToGoOn);
            return ExitCode.Failed;
        }
        var exitCode = await Conclude(end, interruption.Requested.IsCancellationRequested);
        await page.EndAsync(end.Runs.All(IsDone) ? $"Its report is {folder.Report}." : HowToGoOn);
        return exitCode;
    }

    private LocalClusterOptions Options(ExperimentFolder folder)
    {
        var workers = workspace.Plans.Max(plan => plan.Resources.MinWorkers is { } fewest ? Math.Clamp(DevicesFor(plan), fewest, plan.Resources.Workers) : plan.Resources.Workers);
        var threads = workspace.Plans.Max(plan => plan.Resources.ThreadsPerWorker);
        var logs = Path.Combine(folder.Path, "logs");
        return new LocalClusterOptions
        {
            Journal = folder.Journal,
            LogFolder = logs,
            Workers = workers,
            Host = new ProcessReplicaHost(WorkerLaunches.Of(threads), logs),
        };
    }

    /// <summary>Of this machine: an elastic run gets no more workers than that.</summary>
    private int DevicesFor(RunPlan plan) => plan.Resources.Device == Device.Cuda ? VisibleDevices.Here.Length : context.Cores;

    private async Task<ClusterSnapshot> RunAll(LocalCluster cluster, Interruption interruption)
    {
        using var feed = cluster.Subscribe();
        var showing = ShowAsync(feed);
        if (RunOrders.SweepOf(workspace.Plans[0].Experiment, workspace.Plans) is { } sweep)
            await cluster.SubmitSweep(sweep);
        foreach (var plan in workspace.Plans)
            await cluster.Submit(OrderOf(plan));
        await cluster.ResumeAll();
        await using (interruption.Requested.Register(() => _ = StopAsync(cluster)))
        {
            var end = await cluster.WhenIdle(interruption.Insisted);
            feed.Dispose();
            await showing;
            return end;
        }
    }

    /// <summary>Labels choose among a cluster's nodes; here there is this machine alone, and its user has chosen it.</summary>
    private RunOrder OrderOf(RunPlan plan) => RunOrders.Of(plan.Run, workspace.Folder.Run(plan.Run), plan, plan.Experiment, BeginsAt(plan)) with { Labels = null };

    /// <summary>For a journal that knows nothing of the run: a fork's first, or one that was pulled from a mirror; null: its seed.</summary>
    private int? BeginsAt(RunPlan plan) =>
        new CheckpointCatalog(workspace.Folder.Run(plan.Run)).Glance().FirstOrDefault(entry => entry.IsWhole)?.Step ?? plan.Fork?.Step;

    private async Task StopAsync(LocalCluster cluster)
    {
        await context.Error.WriteLineAsync("Stopping: each run takes a checkpoint first. Ctrl-C again ends at once.");
        await cluster.StopAll();
    }

    private async Task ShowAsync(ClusterEventFeed feed)
    {
        using var view = context.CreateProgressView();
        var progress = ExperimentProgress.Of(workspace.Plans);
        await foreach (var happened in feed.ReadAllAsync())
        {
            progress = progress.With(happened);
            view.Show(progress, happened);
        }
    }

    private async Task<int> Conclude(ClusterSnapshot end, bool interrupted)
    {
        foreach (var failed in end.Runs.Where(run => run.State == RunState.Failed))
            await context.Error.WriteLineAsync($"{failed.Name} failed: {failed.Reason} Logs: {Path.Combine(workspace.Folder.Path, "logs")}");
        if (end.Runs.Any(run => run.State == RunState.Succeeded))
            await Report();
        if (!end.Runs.All(IsDone))
            await TellHowToGoOn();
        return interrupted ? ExitCode.Interrupted : end.Runs.Any(run => run.State == RunState.Failed) ? ExitCode.Failed : ExitCode.Ok;
    }

    private static bool IsDone(RunSnapshot run) => run.State is RunState.Succeeded or RunState.Pruned;

    private string HowToGoOn => $"To go on: jf run --resume {workspace.Folder.Path}";

    private Task TellHowToGoOn() => context.Error.WriteLineAsync(HowToGoOn);

    private async Task Report()
    {
        var plan = workspace.Plans[0];
        var catalog = new DatasetItems(MbeirDataset.Open(plan.Data.Root), plan.Evaluation.Splits);
        var summary = await ExperimentOutput.WriteAsync(workspace.Folder, catalog, TimeProvider.System);
        SummaryView.Write(new Listing(context, all: false) { Below = 3, Whole = $"jf report {workspace.Folder.Path} --all" }, summary);
        await context.RawOut.WriteLineAsync($"Results: {workspace.Folder.Results}");
        await context.RawOut.WriteLineAsync($"Report:  {workspace.Folder.Report}");
    }
}
