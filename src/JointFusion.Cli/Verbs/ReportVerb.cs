using System.CommandLine;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf report</c>: an experiment's report again, or before it is over.</summary>
public sealed class ReportVerb(CliContext context) : Verb
{
    private readonly Argument<string> folder = new("FOLDER") { Description = "An experiment's folder, as 'jf run' named it; its runs may still be going." };
    private readonly Option<bool> all = Listing.Option();
    private readonly Option<bool> json = new("--json") { Description = "Print results.json in place of the table." };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf report runs/fusion-study-20260101-120000", "what its runs have come to so far, or with other task groups"),
    ];

    protected override Command Declare()
    {
        var command = new Command("report", "Write an experiment's results.json and report.html from what its runs have left so far; of several seeds also study.json.") { folder, all, json };
        command.SetAction((parsed, _) => CheckpointVerb.GuardedAsync(() => RunAsync(new ExperimentFolder(Path.GetFullPath(parsed.GetRequiredValue(folder))), new Listing(context, parsed.GetValue(all)), parsed.GetValue(json))));
        return command;
    }

    private async Task<int> RunAsync(ExperimentFolder experiment, Listing list, bool asJson)
    {
        if (!Directory.Exists(experiment.Runs) || Directory.GetDirectories(experiment.Runs).Length == 0)
            throw new BadInputException($"{experiment.Path}: not an experiment's folder (no runs/ in it). Give the folder that 'jf run' named when it began.");
        var summary = await ReportWriter.WriteAsync(experiment);
        if (asJson)
        {
            await context.RawOut.WriteLineAsync(await File.ReadAllTextAsync(experiment.Results));
            return ExitCode.Ok;
        }
        SummaryView.Write(list, summary);
        await context.RawOut.WriteLineAsync($"Results: {experiment.Results}");
        await context.RawOut.WriteLineAsync($"Report:  {experiment.Report}");
        return ExitCode.Ok;
    }
}
