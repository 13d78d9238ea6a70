using System.CommandLine;
using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary><c>jf node</c>: the machines of a server.</summary>
public sealed class NodeVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("jf node ls", "the nodes that have joined, and what their workers do"),
        new("jf node drain gpu1", "take a machine out: its runs go elsewhere through a checkpoint"),
    ];

    protected override Command Declare() => new("node", "Show the nodes of a server, and keep runs from them.")
    {
        List(),
        Ask("drain", "Give a node no new ranks; the runs on it take a checkpoint and go elsewhere. Returns before they have left.", name => $"{name} is being drained. Back again: jf node undrain {name}"),
        Ask("undrain", "Give runs to a drained node again.", name => $"{name} takes runs again."),
        Release(),
    };

    private Command Ask(string verb, string description, Func<string, string> answer)
    {
        var node = new Argument<string>("NODE") { Description = "As jf node ls shows it." };
        var server = ClientOptions.Server();
        var certs = ClientOptions.Certs();
        var command = new Command(verb, description) { node, server, certs };
        command.SetAction(async (parsed, _) =>
        {
            var name = parsed.GetRequiredValue(node);
            return await PostAsync($"/nodes/{Uri.EscapeDataString(name)}/{verb}", answer(name), parsed.GetValue(server), parsed.GetValue(certs));
        });
        return command;
    }

    private Command Release()
    {
        var node = new Argument<string>("NODE") { Description = "As jf node ls shows it." };
        var worker = new Argument<int>("WORKER") { Description = "Its number." };
        var server = ClientOptions.Server();
        var certs = ClientOptions.Certs();
        var command = new Command("release", "End the quarantine of a worker that had crashed under one run after another, once its cause is put right.") { node, worker, server, certs };
        command.SetAction(async (parsed, _) =>
        {
            var (name, slot) = (parsed.GetRequiredValue(node), parsed.GetValue(worker));
            return await PostAsync($"/nodes/{Uri.EscapeDataString(name)}/workers/{slot}/release", $"Worker {slot} of {name} takes runs again.", parsed.GetValue(server), parsed.GetValue(certs));
        });
        return command;
    }

    private async Task<int> PostAsync(string path, string answer, string? server, string? certs)
    {
        using var interruption = new Interruption();
        using var client = ApiClient.Open(server, certs);
        await client.PostAsync(path, interruption.Requested);
        await context.RawOut.WriteLineAsync(answer);
        return ExitCode.Ok;
    }

    private Command List()
    {
        var all = Listing.Option();
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = ClientOptions.Server();
        var certs = ClientOptions.Certs();
        var command = new Command("ls", "List the nodes that have joined, and what their workers do.") { all, json, server, certs };
        command.SetAction((parsed, _) => ListAsync(new Listing(context, parsed.GetValue(all)), parsed.GetValue(json), parsed.GetValue(server), parsed.GetValue(certs)));
        return command;
    }

    private async Task<int> ListAsync(Listing list, bool asJson, string? server, string? certs)
    {
        using var interruption = new Interruption();
        using var client = ApiClient.Open(server, certs);
        var nodes = await client.GetAsync("/nodes", ApiJson.Default.ImmutableArrayLiveNode, interruption.Requested);
        if (asJson)
            await context.RawOut.WriteLineAsync(StatusView.Json(nodes, ApiJson.Default.ImmutableArrayLiveNode));
        else
            StatusView.Write(list, nodes);
        return ExitCode.Ok;
    }
}
