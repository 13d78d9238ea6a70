using System.CommandLine;

namespace JointFusion.Cli;

/// <summary><c>jf resume</c>: queues runs again that were cancelled or have failed.</summary>
public sealed class ResumeVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples => [new("jf resume first/early", "go on from its newest checkpoint")];

    protected override Command Declare()
    {
        var what = new Argument<string>("EXPERIMENT[/RUN]") { Description = "All its runs, or one." };
        var server = ClientOptions.Server();
        var certs = ClientOptions.Certs();
        var command = new Command("resume", "Queue the runs again that were cancelled or have failed, to go on from their newest checkpoints.") { what, server, certs };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(what), parsed.GetValue(server), parsed.GetValue(certs)));
        return command;
    }

    private async Task<int> RunAsync(string what, string? server, string? certs)
    {
        using var interruption = new Interruption();
        using var client = ApiClient.Open(server, certs);
        var name = RunName.Parse(what);
        await client.PostAsync($"{name.Path}/resume", interruption.Requested);
        await context.RawOut.WriteLineAsync($"{name}: queued. To see it: jf status {name}");
        return ExitCode.Ok;
    }
}
