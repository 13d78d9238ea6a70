using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary><c>jf status</c>: what a server's experiments and runs do.</summary>
public sealed class StatusVerb(CliContext context) : Verb
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly Argument<string?> what = new("EXPERIMENT[/RUN]") { Description = "One of them; without it, all experiments.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> watch = new("--watch") { Description = "Ask again every second until Ctrl-C." };
    private readonly Option<bool> json = new("--json") { Description = "Print JSON; with --watch one object a second." };
    private readonly Option<bool> all = Listing.Option();
    private readonly Option<string?> server = ClientOptions.Server();
    private readonly Option<string?> certs = ClientOptions.Certs();

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf status", "every experiment of the server"),
        new("jf status quickstart-20260101-120000-7f3a", "its runs"),
        new("jf status quickstart-20260101-120000-7f3a/early --json", "one run and what its ranks do, for scripts"),
    ];

    protected override Command Declare()
    {
        var command = new Command("status", "Show the experiments of a server, one with its runs, or one run with its ranks.") { what, watch, all, json, server, certs };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        using var interruption = new Interruption();
        using var client = ApiClient.Open(parsed.GetValue(server), parsed.GetValue(certs));
        var (asJson, list) = (parsed.GetValue(json), new Listing(context, parsed.GetValue(all)));
        await ShowOnceAsync(client, parsed.GetValue(what), asJson, list, interruption.Requested);
        while (parsed.GetValue(watch))
        {
            await Task.Delay(Interval, interruption.Requested);
            if (!asJson && context.IsTerminal)
                context.Out.Clear(home: true);
            await ShowOnceAsync(client, parsed.GetValue(what), asJson, list, interruption.Requested);
        }
        return ExitCode.Ok;
    }

    private async Task ShowOnceAsync(ApiClient client, string? name, bool asJson, Listing list, CancellationToken cancel)
    {
        var asked = name is null ? null : RunName.Parse(name);
        if (asked is null)
            await ShowAsync("/experiments", ApiJson.Default.ImmutableArrayExperimentInfo, all => StatusView.Write(list, all));
        else if (asked.Run is null)
            await ShowAsync(asked.Path, ApiJson.Default.ExperimentInfo, one => StatusView.Write(list, one));
        else
            await ShowAsync(asked.Path, ApiJson.Default.RunInfo, run => StatusView.Write(list, run));

        async Task ShowAsync<T>(string path, JsonTypeInfo<T> type, Action<T> write)
        {
            var answer = await client.GetAsync(path, type, cancel);
            if (asJson)
                await context.RawOut.WriteLineAsync(StatusView.Json(answer, type));
            else
                write(answer);
        }
    }
}
