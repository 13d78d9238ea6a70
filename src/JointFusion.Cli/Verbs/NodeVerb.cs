using System.CommandLine;
using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary><c>jf node</c>: the machines of a server.</summary>
public sealed class NodeVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples => [new("jf node ls", "the nodes that have joined, and what their workers do")];

    protected override Command Declare() => new("node", "Show the nodes of a server.") { List() };

    private Command List()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var server = ClientOptions.Server();
        var certs = ClientOptions.Certs();
        var command = new Command("ls", "List the nodes that have joined, and what their workers do.") { json, server, certs };
        command.SetAction((parsed, _) => ListAsync(parsed.GetValue(json), parsed.GetValue(server), parsed.GetValue(certs)));
        return command;
    }

    private async Task<int> ListAsync(bool asJson, string? server, string? certs)
    {
        using var interruption = new Interruption();
        using var client = ApiClient.Open(server, certs);
        var nodes = await client.GetAsync("/nodes", ApiJson.Default.ImmutableArrayLiveNode, interruption.Requested);
        if (asJson)
            await context.RawOut.WriteLineAsync(StatusView.Json(nodes, ApiJson.Default.ImmutableArrayLiveNode));
        else
            StatusView.Write(context.Out, nodes);
        return ExitCode.Ok;
    }
}
