using System.CommandLine;
using System.Globalization;
using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary><c>jf fork</c>: a new experiment that begins at a checkpoint of a server's run.</summary>
public sealed class ForkVerb(CliContext context) : Verb
{
    private readonly Argument<string> run = new("EXPERIMENT/RUN") { Description = "The run that is forked. It goes on, or stays, as it is." };
    private readonly Argument<string?> spec = new("SPEC")
    {
        Description = "The spec to go on with: its run of the same name begins there, or, if it has none, all of its runs do. Default: as it was.",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private readonly Option<int?> checkpoint = new("--checkpoint") { Description = "Step of the checkpoint to begin at. Default: the newest whole one.", HelpName = "STEP" };
    private readonly Option<string?> name = new("--name")
    {
        Description = "Of the new experiment. Default: that of the forked one, and the time. Forked twice under one name it runs once.",
        HelpName = "NAME",
    };
    private readonly Option<bool> wait = new("--wait") { Description = "Return when its runs are over, with exit code 1 if one has failed." };
    private readonly Option<bool> json = new("--json") { Description = "Print the new experiment as JSON." };
    private readonly Option<string?> server = ClientOptions.Server();
    private readonly Option<string?> certs = ClientOptions.Certs();

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf fork first/early lower-rate.yaml", "go on from its newest checkpoint with another spec"),
        new("jf fork first/early --checkpoint 600 --name again", "train again, as it was, from step 601 on"),
    ];

    protected override Command Declare()
    {
        var command = new Command("fork", "Begin a new experiment at a checkpoint of a server's run, with another spec or the same. What could not take effect there is refused by key.")
        {
            run, spec, checkpoint, name, wait, json, server, certs,
        };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var source = RunName.Parse(parsed.GetRequiredValue(run));
        if (source.Run is null)
            throw new BadInputException($"{source}: an experiment. Name one of its runs, as {source}/RUN: `jf status {source}` lists them.");
        using var interruption = new Interruption();
        using var client = ApiClient.Open(parsed.GetValue(server), parsed.GetValue(certs));
        var path = parsed.GetValue(spec);
        var at = parsed.GetValue(checkpoint) is { } step ? string.Create(CultureInfo.InvariantCulture, $"checkpoint={step}&") : "";
        var forked = await client.PutAsync(
            $"{source.Path}/forks/{Uri.EscapeDataString(parsed.GetValue(name) ?? NameFor(source))}?{at}file={Uri.EscapeDataString(path ?? "")}", path is null ? "" : SpecText.Read(path),
            ApiJson.Default.ExperimentInfo, interruption.Requested);
        return await SubmittedExperiment.ShowAsync(client, forked, context, parsed.GetValue(wait), parsed.GetValue(json), interruption.Requested);
    }

    private static string NameFor(RunName source) =>
        string.Create(CultureInfo.InvariantCulture, $"{source.Experiment[..Math.Min(60, source.Experiment.Length)]}-fork-{DateTime.Now:yyyyMMdd-HHmmss}-{Random.Shared.Next(1 << 16):x4}");
}
