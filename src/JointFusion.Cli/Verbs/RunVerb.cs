using System.CommandLine;
using System.CommandLine.Parsing;

namespace JointFusion.Cli;

/// <summary><c>jf run</c>: an experiment from its YAML to its report, on this machine.</summary>
public sealed class RunVerb(CliContext context) : Verb
{
    private readonly Argument<string?> spec = new("SPEC") { Description = "The experiment, a YAML file.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> resume = new("--resume") { Description = "Go on with an experiment that was stopped or has failed.", HelpName = "RUN_DIR" };
    private readonly Option<string?> fork = new("--fork")
    {
        Description = "Begin a new experiment from a checkpoint, a run's newest one, or those of an experiment's runs of the same names.",
        HelpName = "DIR",
    };
    private readonly Option<string> output = new("--out")
    {
        Description = "Where the experiment's folder is made.",
        HelpName = "DIR",
        DefaultValueFactory = _ => "runs",
    };
    private readonly Option<string?> dashboard = new("--dashboard")
    {
        Description = "Serve a live page; a loopback address, by default a free port. The link it prints carries a token of the user's own.",
        HelpName = "URL",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf run experiments/quickstart.yaml", "train, evaluate and report"),
        new("jf run experiments/quickstart.yaml --dashboard", "the same, with a live page"),
        new("jf run --resume runs/quickstart-20260101-120000", "go on where it was"),
        new("jf run quickstart.yaml --resume runs/quickstart-20260101-120000", "the same on the spec's resources, such as other workers"),
        new("jf run other.yaml --fork runs/quickstart-20260101-120000/runs/early", "a new run that begins at its newest checkpoint"),
    ];

    protected override Command Declare()
    {
        var command = new Command(
            "run",
            "Train and evaluate every run of an experiment on this machine, and write results.json and report.html. "
            + "Ctrl-C takes a checkpoint and ends; --resume goes on.")
        {
            spec, resume, fork, output, dashboard,
        };
        command.Validators.Add(CheckTogether);
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private void CheckTogether(CommandResult parsed)
    {
        if (parsed.GetValue(spec) is null && parsed.GetValue(resume) is null)
            parsed.AddError("Give a SPEC to begin with, or --resume RUN_DIR to go on.");
        if (parsed.GetValue(fork) is not null && (parsed.GetValue(spec) is null || parsed.GetValue(resume) is not null))
            parsed.AddError("--fork begins a new experiment: it needs a SPEC, and no --resume.");
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var livePage = parsed.GetResult(dashboard) is null ? null : LivePage.Options("--dashboard", parsed.GetValue(dashboard));
        using var interruption = new Interruption();
        using var workspace = parsed.GetValue(resume) is { } folder ? GoOn(parsed, folder) : Begin(parsed);
        return await new ExperimentRunner(context, workspace).RunAsync(livePage, interruption);
    }

    private ExperimentWorkspace Begin(ParseResult parsed)
    {
        var path = parsed.GetValue(spec)!;
        var planned = Planned(path);
        if (parsed.GetValue(fork) is not { } from)
            return ExperimentWorkspace.Create(parsed.GetValue(output)!, path, planned, _ => { });
        var forked = ForkedExperiment.Of(planned, from, torn => context.Error.WriteLine($"{torn.Fault!.Message} Passed over."));
        return ExperimentWorkspace.Create(parsed.GetValue(output)!, path, forked.Planned, forked.CopyCheckpoints);
    }

    private ExperimentWorkspace GoOn(ParseResult parsed, string folder)
    {
        var path = parsed.GetValue(spec);
        var planned = path is null ? null : Planned(path);
        var workspace = ExperimentWorkspace.Open(folder);
        return planned is null ? workspace : workspace.Revised(path!, planned);
    }

    private PlannedExperiment Planned(string path)
    {
        var planned = SpecPlanner.Plan(path, context.Data, context.Cores);
        DeviceCheck.Require(planned.Runs);
        return planned;
    }
}
