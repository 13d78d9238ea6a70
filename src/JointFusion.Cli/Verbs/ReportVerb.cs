using System.CommandLine;
using JointFusion.Data;
using JointFusion.Experiments;

namespace JointFusion.Cli;

/// <summary><c>jf report</c>: an experiment's report again, or before it is over.</summary>
public sealed class ReportVerb(CliContext context) : Verb
{
    private readonly Argument<string> folder = new("FOLDER") { Description = "An experiment's folder, as 'jf run' named it; its runs may still be going." };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf report runs/fusion-study-20260101-120000", "what its runs have come to so far, or with other task groups"),
    ];

    protected override Command Declare()
    {
        var command = new Command("report", "Write an experiment's results.json and report.html from what its runs have left so far; of several seeds also study.json.") { folder };
        command.SetAction((parsed, _) => RunAsync(new ExperimentFolder(Path.GetFullPath(parsed.GetRequiredValue(folder)))));
        return command;
    }

    private async Task<int> RunAsync(ExperimentFolder experiment)
    {
        if (!Directory.Exists(experiment.Runs) || Directory.GetDirectories(experiment.Runs).Length == 0)
            throw new BadInputException($"{experiment.Path}: not an experiment's folder (no runs/ in it). Give the folder that 'jf run' named when it began.");
        try
        {
            SummaryView.Write(context.Out, await ReportWriter.WriteAsync(experiment));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidDataException or DataException)
        {
            throw new BadInputException(fault.Message);
        }
        await context.RawOut.WriteLineAsync($"Results: {experiment.Results}");
        await context.RawOut.WriteLineAsync($"Report:  {experiment.Report}");
        return ExitCode.Ok;
    }
}
