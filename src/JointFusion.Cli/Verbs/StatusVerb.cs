using System.CommandLine;
using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary><c>jf status</c>: what a server's experiments and runs do.</summary>
public sealed class StatusVerb(CliContext context) : Verb
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Argument<string?> what = new("EXPERIMENT[/RUN]") { Description = "One of them; without it, all experiments.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> watch = new("--watch") { Description = "Ask again every second until Ctrl-C." };
    private readonly Option<bool> json = new("--json") { Description = "Print JSON; with --watch one object a second." };
    private readonly Option<string?> server = ClientOptions.Server();

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf status", "every experiment of the server"),
        new("jf status quickstart-20260101-120000-7f3a", "its runs"),
        new("jf status quickstart-20260101-120000-7f3a/early --json", "one run and what its ranks do, for scripts"),
    ];

    protected override Command Declare()
    {
        var command = new Command("status", "Show the experiments of a server, one with its runs, or one run with its ranks.") { what, watch, json, server };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        using var interruption = new Interruption();
        using var client = ApiClient.Open(parsed.GetValue(server));
        var asJson = parsed.GetValue(json);
        await ShowAsync(client, parsed.GetValue(what), asJson, interruption.Requested);
        while (parsed.GetValue(watch))
        {
            await Task.Delay(Interval, interruption.Requested);
            if (!asJson && !Console.IsOutputRedirected)
                context.Out.Clear(home: true);
            await ShowAsync(client, parsed.GetValue(what), asJson, interruption.Requested);
        }
        return ExitCode.Ok;
    }

    private async Task ShowAsync(ApiClient client, string? name, bool asJson, CancellationToken cancel)
    {
        switch (name?.Split('/', 2))
        {
            case null:
                var all = await client.GetAsync("/experiments", ApiJson.Default.ImmutableArrayExperimentInfo, cancel);
                if (asJson)
                    await context.RawOut.WriteLineAsync(StatusView.Json(all, ApiJson.Default.ImmutableArrayExperimentInfo));
                else
                    StatusView.Write(context.Out, all);
                break;
            case [var experiment]:
                var one = await client.GetAsync($"/experiments/{Uri.EscapeDataString(experiment)}", ApiJson.Default.ExperimentInfo, cancel);
                if (asJson)
                    await context.RawOut.WriteLineAsync(StatusView.Json(one, ApiJson.Default.ExperimentInfo));
                else
                    StatusView.Write(context.Out, one);
                break;
            case [var experiment, var run]:
                var info = await client.GetAsync($"/runs/{Uri.EscapeDataString(experiment)}/{Uri.EscapeDataString(run)}", ApiJson.Default.RunInfo, cancel);
                if (asJson)
                    await context.RawOut.WriteLineAsync(StatusView.Json(info, ApiJson.Default.RunInfo));
                else
                    StatusView.Write(context.Out, info);
                break;
        }
    }
}
