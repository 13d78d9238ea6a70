using JointFusion.Dashboard;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>Writes an experiment's results.json and report.html when its runs are over, also those that ended while no server ran.</summary>
/// <param name="output">Takes a line for each, and what goes wrong.</param>
internal sealed class ReportWriter(ServedExperiments store, CoordinatorClient coordinator, TextWriter output)
{
    /// <summary>Until the coordinator or <paramref name="cancel"/> ends it.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var feed = coordinator.Subscribe();
        foreach (var experiment in store.All.Where(experiment => !File.Exists(experiment.Folder.Results)))
            await WriteIfOverAsync(experiment);
        await foreach (var happened in feed.ReadAllAsync(cancel))
        {
            if (happened is RunChanged { Run: var run } && run.State.IsTerminal() && store.Find(run.Name.Split('/')[0]) is { } experiment)
                await WriteIfOverAsync(experiment);
        }
    }

    private async Task WriteIfOverAsync(ServedExperiment experiment)
    {
        try
        {
            var runs = (await coordinator.Snapshot()).Runs.Where(run => experiment.Runs.Contains(run.Name)).ToList();
            if (runs.Count == 0 || !runs.TrueForAll(run => run.State.IsTerminal()) || !runs.Exists(run => run.State == RunState.Succeeded))
                return;
            await await Task.Factory.StartNew(() => WriteAsync(experiment.Folder), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await output.WriteLineAsync($"{experiment.Name}: its report is {experiment.Folder.Report}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException or DataException or BadInputException or CoordinatorAwayException)
        {
            await output.WriteLineAsync($"{experiment.Name}: no report could be written: {fault.Message} Put it right and start the server again.");
        }
    }

    /// <summary>From what its runs have left so far.</summary>
    internal static Task<ExperimentSummary> WriteAsync(ExperimentFolder folder)
    {
        var plan = PlanFile.Read(new RunFolder(Directory.GetDirectories(folder.Runs)[0]));
        var catalog = new DatasetItems(MbeirDataset.Open(plan.Data.Root), plan.Evaluation.Splits);
        return ExperimentOutput.WriteAsync(folder, catalog, TimeProvider.System);
    }
}
