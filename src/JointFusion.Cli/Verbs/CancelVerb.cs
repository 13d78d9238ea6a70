using System.CommandLine;

namespace JointFusion.Cli;

/// <summary><c>jf cancel</c>: ends runs that are not over, with a checkpoint.</summary>
public sealed class CancelVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("jf cancel first/early", "one run"),
        new("jf cancel first", "all runs of an experiment"),
    ];

    protected override Command Declare()
    {
        var what = new Argument<string>("EXPERIMENT[/RUN]") { Description = "All its runs, or one." };
        var server = ClientOptions.Server();
        var certs = ClientOptions.Certs();
        var command = new Command("cancel", "Have the runs that are not over take a checkpoint and end. Returns before they have; jf resume goes on.") { what, server, certs };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(what), parsed.GetValue(server), parsed.GetValue(certs)));
        return command;
    }

    private async Task<int> RunAsync(string what, string? server, string? certs)
    {
        using var interruption = new Interruption();
        using var client = ApiClient.Open(server, certs);
        var name = RunName.Parse(what);
        await client.PostAsync($"{name.Path}/stop", interruption.Requested);
        await context.RawOut.WriteLineAsync($"{name}: asked to end. To go on: jf resume {name}");
        return ExitCode.Ok;
    }
}
