using System.CommandLine;

namespace JointFusion.Cli;

/// <summary>A verb that asks something of runs: <c>jf pause</c>, <c>jf cancel</c>, <c>jf resume</c>.</summary>
/// <param name="verb">Also the last part of its path in the API.</param>
/// <param name="description">For the help.</param>
/// <param name="answer">What follows the runs' name once the server has taken it.</param>
public sealed class RunsVerb(CliContext context, string verb, string description, Func<string, string> answer) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new($"jf {verb} first/early", "one run"),
        new($"jf {verb} first", "all runs of an experiment"),
        new($"jf {verb} first/early second", "several of either: all of them, or none where one is unknown or somebody else's"),
    ];

    public static RunsVerb Pause(CliContext context) => new(
        context, "pause", "Have runs take a checkpoint and end, to go on when they are resumed. Returns before they have.",
        runs => $"asked to pause. To go on: jf resume {runs}");

    public static RunsVerb Cancel(CliContext context) => new(
        context, "cancel", "End runs soon, with time for no more than a quick checkpoint. Returns before they have. Nothing is deleted: jf resume goes on from the newest one.",
        _ => "asked to end.");

    public static RunsVerb Resume(CliContext context) => new(
        context, "resume", "Queue runs again that were paused or cancelled or have failed, to go on from their newest checkpoints.",
        runs => $"queued. To see it: jf status {runs}");

    protected override Command Declare()
    {
        var what = new Argument<string[]>("EXPERIMENT[/RUN]") { Description = "All its runs, or one.", Arity = ArgumentArity.OneOrMore };
        var server = ClientOptions.Server();
        var certs = ClientOptions.Certs();
        var command = new Command(verb, description) { what, server, certs };
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(what), parsed.GetValue(server), parsed.GetValue(certs)));
        return command;
    }

    private async Task<int> RunAsync(string[] what, string? server, string? certs)
    {
        using var interruption = new Interruption();
        using var client = ApiClient.Open(server, certs);
        await client.AskOfAsync(what, verb, interruption.Requested);
        foreach (var name in what)
            await context.RawOut.WriteLineAsync($"{name}: {answer(name)}");
        return ExitCode.Ok;
    }
}
