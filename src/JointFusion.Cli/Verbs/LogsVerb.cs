using System.CommandLine;
using System.Globalization;

namespace JointFusion.Cli;

/// <summary><c>jf logs</c>: what the ranks of a run said.</summary>
public sealed class LogsVerb(CliContext context) : Verb
{
    private readonly Argument<string> run = new("EXPERIMENT/RUN") { Description = "The run." };
    private readonly Option<bool> follow = new("--follow", "-f") { Description = "Go on until the run is over." };
    private readonly Option<int?> rank = new("--rank") { Description = "Of this rank alone. Default: of all, each line preceded by its rank.", HelpName = "N" };
    private readonly Option<bool> all = new("--all")
    {
        Description = "Print them from the first on. On a terminal the latest that its screen holds are printed otherwise, unless they are followed; in a pipe or a file they are always all there.",
    };
    private readonly Option<string?> server = ClientOptions.Server();
    private readonly Option<string?> certs = ClientOptions.Certs();

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf logs first/early", "phases, checkpoints, warnings and errors of all ranks and attempts"),
        new("jf logs first/early -f --rank 0", "those of rank 0, as they come"),
    ];

    protected override Command Declare()
    {
        var command = new Command("logs", "Print what the ranks of a run said, over all its attempts.") { run, follow, rank, all, server, certs };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var name = RunName.Parse(parsed.GetRequiredValue(run));
        if (name.Run is null)
            throw new BadInputException($"{name}: an experiment. Name one of its runs, as {name}/RUN: `jf status {name}` lists them.");
        using var interruption = new Interruption();
        using var client = ApiClient.Open(parsed.GetValue(server), parsed.GetValue(certs));
        var ofRank = parsed.GetValue(rank) is { } number ? string.Create(CultureInfo.InvariantCulture, $"&rank={number}") : "";
        var follows = parsed.GetValue(follow);
        var lines = client.LinesAsync($"{name.Path}/logs?follow={(follows ? "true" : "false")}{ofRank}", interruption.Requested);
        await new Listing(context, parsed.GetValue(all) || follows).WriteLatestAsync(lines);
        return ExitCode.Ok;
    }
}
