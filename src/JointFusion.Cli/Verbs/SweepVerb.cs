using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary><c>jf sweep</c>: the sweeps of a server.</summary>
public sealed class SweepVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("jf sweep ls", "all sweeps, and the device-hours that they have used"),
        new("jf sweep show first", "its runs, and what they came to at their rungs"),
        new("jf sweep pause first", "have all its runs take a checkpoint and end"),
        new("jf sweep resume first", "go on with them; what is done is not done again"),
        new("jf sweep extend first more.yaml", "more trials, new values or another limit; its runs so far stay"),
        new("jf sweep stop first", "end its runs soon"),
    ];

    protected override Command Declare() => new("sweep", "Show the sweeps of a server, steer and extend them.")
    {
        List(),
        Show(),
        Ask("pause", "pause", "Have all its runs take a checkpoint and end, to go on when they are resumed. Returns before they have.", name => $"asked to pause. To go on: jf sweep resume {name}"),
        Ask("resume", "resume", "Queue its runs again that were paused or stopped or have failed. Runs that are done, or that a rung has ended, stay as they are.", name => $"queued. To see it: jf sweep show {name}"),
        Extend(),
        Ask("stop", "cancel", "End its runs soon, with time for no more than a quick checkpoint. Returns before they have. Nothing is deleted.", _ => "asked to end."),
    };

    private static Argument<string> Name() => new("SWEEP") { Description = "As jf sweep ls shows it: the experiment's name." };

    private Command List()
    {
        var all = Listing.Option();
        var json = new Option<bool>("--json") { Description = "Print them as JSON." };
        var server = ClientOptions.Server();
        var certs = ClientOptions.Certs();
        var command = new Command("ls", "List the sweeps.") { all, json, server, certs };
        command.SetAction((parsed, _) => ShowAsync(
            "/sweeps", ApiJson.Default.ImmutableArraySweepInfo, sweeps => SweepView.Write(new Listing(context, parsed.GetValue(all)), sweeps), parsed.GetValue(json), parsed.GetValue(server), parsed.GetValue(certs)));
        return command;
    }

    private Command Show()
    {
        var name = Name();
        var all = Listing.Option();
        var json = new Option<bool>("--json") { Description = "Print it as JSON." };
        var server = ClientOptions.Server();
        var certs = ClientOptions.Certs();
        var command = new Command("show", "Show a sweep's runs, and what they came to at their rungs.") { name, all, json, server, certs };
        command.SetAction((parsed, _) => ShowAsync(
            $"/sweeps/{Uri.EscapeDataString(parsed.GetRequiredValue(name))}", ApiJson.Default.SweepInfo, sweep => SweepView.Write(new Listing(context, parsed.GetValue(all)), sweep),
            parsed.GetValue(json), parsed.GetValue(server), parsed.GetValue(certs)));
        return command;
    }

    private Command Ask(string verb, string asked, string description, Func<string, string> answer)
    {
        var name = Name();
        var server = ClientOptions.Server();
        var certs = ClientOptions.Certs();
        var command = new Command(verb, description) { name, server, certs };
        command.SetAction(async (parsed, _) =>
        {
            using var interruption = new Interruption();
            using var client = ApiClient.Open(parsed.GetValue(server), parsed.GetValue(certs));
            var sweep = parsed.GetRequiredValue(name);
            await client.PostAsync($"/experiments/{Uri.EscapeDataString(sweep)}/{asked}", interruption.Requested);
            await context.RawOut.WriteLineAsync($"{sweep}: {answer(sweep)}");
            return ExitCode.Ok;
        });
        return command;
    }

    private Command Extend()
    {
        var name = Name();
        var spec = new Argument<string>("SPEC") { Description = "The sweep's spec with more trials, new values, or other limits. It still has every run that there is, with the same science." };
        var server = ClientOptions.Server();
        var certs = ClientOptions.Certs();
        var command = new Command("extend", "Give a sweep more runs or another limit. Runs that it has go on as they are, and none that is done is repeated.") { name, spec, server, certs };
        command.SetAction(async (parsed, _) =>
        {
            using var interruption = new Interruption();
            using var client = ApiClient.Open(parsed.GetValue(server), parsed.GetValue(certs));
            var (sweep, path) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(spec));
            var extended = await client.PutAsync(
                $"/sweeps/{Uri.EscapeDataString(sweep)}?file={Uri.EscapeDataString(path)}", SpecText.Read(path), ApiJson.Default.SweepInfo, interruption.Requested);
            await context.RawOut.WriteLineAsync($"{sweep}: {extended.Runs.Length} runs. Paused ones go on when they are asked to: jf sweep resume {sweep}");
            return ExitCode.Ok;
        });
        return command;
    }

    private async Task<int> ShowAsync<T>(string path, JsonTypeInfo<T> type, Action<T> write, bool asJson, string? server, string? certs)
    {
        using var interruption = new Interruption();
        using var client = ApiClient.Open(server, certs);
        var answer = await client.GetAsync(path, type, interruption.Requested);
        if (asJson)
            await context.RawOut.WriteLineAsync(StatusView.Json(answer, type));
        else
            write(answer);
        return ExitCode.Ok;
    }
}
