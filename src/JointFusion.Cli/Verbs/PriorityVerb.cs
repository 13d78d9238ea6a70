using System.CommandLine;
using System.Globalization;

namespace JointFusion.Cli;

/// <summary><c>jf priority</c>: which runs of a server go first.</summary>
public sealed class PriorityVerb(CliContext context) : Verb
{
    private readonly Argument<int> priority = new("PRIORITY") { Description = "A whole number; 0 is that of specs that say nothing." };
    private readonly Argument<string[]> what = new("EXPERIMENT[/RUN]") { Description = "All its runs, or one.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> server = ClientOptions.Server();
    private readonly Option<string?> certs = ClientOptions.Certs();

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf priority 5 first/early", "goes before all of a lower one, and has running ones make room at a checkpoint"),
        new("jf priority -1 first second", "all runs of two experiments wait for whoever asks for the ordinary"),
    ];

    protected override Command Declare()
    {
        var command = new Command("priority", "Change which waiting runs are placed first and which running ones make room, from now on, whatever their specs say.") { priority, what, server, certs };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        using var interruption = new Interruption();
        using var client = ApiClient.Open(parsed.GetValue(server), parsed.GetValue(certs));
        var (names, to) = (parsed.GetRequiredValue(what), parsed.GetValue(priority).ToString(CultureInfo.InvariantCulture));
        await client.AskOfAsync(names, $"priority?to={to}", interruption.Requested);
        foreach (var name in names)
            await context.RawOut.WriteLineAsync($"{name}: priority {to}.");
        return ExitCode.Ok;
    }
}
