using System.CommandLine;
using JointFusion.Dashboard;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf report</c>: an experiment's report again, or before it is over.</summary>
public sealed class ReportVerb(CliContext context) : Verb
{
    private readonly Argument<string> folder = new("FOLDER") { Description = "An experiment's folder, as 'jf run' named it; its runs may still be going." };
    private readonly Option<bool> all = Listing.Option();
    private readonly Option<bool> json = new("--json") { Description = "Print results.json in place of the table." };

    private readonly Option<string?> publish = new("--publish")
    {
        Description = "Of several seeds: also add them to this folder as a repository keeps them: results.json and forest.svg in a folder of the experiment's name, and a README.md with the tables of all that are there.",
        HelpName = "DIR",
    };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf report runs/fusion-study-20260101-120000", "what its runs have come to so far, or with other task groups"),
        new("jf report runs/fusion-study-20260101-120000 --publish docs/results", "its figures and tables into a repository"),
    ];

    protected override Command Declare()
    {
        var command = new Command("report", "Write an experiment's results.json and report.html from what its runs have left so far; of several seeds also study.json.") { folder, publish, all, json };
        command.SetAction((parsed, _) => CheckpointVerb.GuardedAsync(() =>
            RunAsync(new ExperimentFolder(Path.GetFullPath(parsed.GetRequiredValue(folder))), parsed.GetValue(publish), new Listing(context, parsed.GetValue(all)) { Below = 3 }, parsed.GetValue(json))));
        return command;
    }

    private async Task<int> RunAsync(ExperimentFolder experiment, string? published, Listing list, bool asJson)
    {
        if (!Directory.Exists(experiment.Runs) || Directory.GetDirectories(experiment.Runs).Length == 0)
            throw new BadInputException($"{experiment.Path}: not an experiment's folder (no runs/ in it). Give the folder that 'jf run' named when it began.");
        var summary = await ReportWriter.WriteAsync(experiment);
        var page = published is null ? null : await PublishAsync(experiment, summary, published);
        if (asJson)
        {
            await context.RawOut.WriteLineAsync(await File.ReadAllTextAsync(experiment.Results));
            return ExitCode.Ok;
        }
        SummaryView.Write(list, summary);
        await context.RawOut.WriteLineAsync($"Results: {experiment.Results}");
        await context.RawOut.WriteLineAsync($"Report:  {experiment.Report}");
        if (page is not null)
            await context.RawOut.WriteLineAsync($"Tables:  {page}");
        return ExitCode.Ok;
    }

    private static async Task<string> PublishAsync(ExperimentFolder experiment, ExperimentSummary summary, string target)
    {
        if (summary.Study is not { } study)
            throw new BadInputException($"{experiment.Path}: not a study, so that there is nothing to publish. It takes two seeds or more of each kind of run, and one run of each seed.");
        try
        {
            return await StudyPublication.AddAsync(study, Path.GetFullPath(target));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--publish {target}: cannot be written ({refused.Message}). Give another folder.");
        }
    }
}
