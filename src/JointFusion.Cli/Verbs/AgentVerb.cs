using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary><c>jf agent</c>: this machine's workers for a server.</summary>
public sealed class AgentVerb(CliContext context) : Verb
{
    private readonly Option<string?> join = new("--join")
    {
        Description = "The server's address; several, where any of them may lead, with commas between them. Default: $JF_SERVER, else this user's own server on this machine.",
        HelpName = "URL",
    };
    private readonly Option<int?> workers = new("--workers") { Description = "Worker processes, one a device. Default: one a GPU that CUDA_VISIBLE_DEVICES shows, or one where there is none.", HelpName = "N" };
    private readonly Option<int?> cores = new("--cores")
    {
        Description = "That the workers here share, each as many as any other; a run's plan, made on the server's machine, does not say. Default: all of this machine that this process may use.",
        HelpName = "N",
    };
    private readonly Option<string?> name = new("--name") { Description = "Of this node, unique in the cluster. Default: the machine's name.", HelpName = "NAME" };

    private readonly Option<string[]> labels = new("--label") { Description = "What runs may ask of this node in resources.labels, such as gpu=h100; may be given several times.", HelpName = "NAME=VALUE" };

    private readonly Option<string?> address = new("--address")
    {
        Description = "Of this machine, where its workers and those of other machines reach each other. Default: the one from which the server is reached.",
        HelpName = "IP",
    };
    private readonly Option<string?> certs = Membership.Certs();

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf agent --workers 2", "two workers for the server on this machine"),
        new("jf agent --join http://127.0.0.1:7420 --name second --cores 4", "another node beside it, with cores of its own"),
        new("jf agent --join https://10.0.0.1:7420,https://10.0.0.2:7420,https://10.0.0.3:7420 --certs certs", "for three servers, of which one leads"),
        new("jf agent --join https://10.0.0.1:7420 --certs certs --label gpu=h100", "on another machine, which has a certificate of the cluster's"),
    ];

    protected override Command Declare()
    {
        var command = new Command(
            "agent",
            "Join a server and run workers for it. While the server is away they train on, and their reports follow when it is back. Ctrl-C has each "
            + "run here take a checkpoint, then ends; Ctrl-C again ends at once.")
        {
            join, workers, cores, name, labels, address, certs,
        };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var servers = ServerAddress.Find(parsed.GetValue(join));
        var node = parsed.GetValue(name) ?? Environment.MachineName.ToLowerInvariant();
        if (parsed.GetValue(certs) is null && servers.FirstOrDefault(server => !server.IsLoopback) is { } distant)
            throw new BadInputException($"--join {distant}: another machine's server takes members with a certificate of its authority alone. There: jf certs node {node}; here: --certs DIR");
        var count = parsed.GetValue(workers) ?? Math.Max(1, VisibleDevices.Here.Length);
        if (count < 1)
            throw new BadInputException($"--workers {count}: an agent runs at least one.");
        var threads = (parsed.GetValue(cores) ?? context.Cores) / count;
        if (parsed.GetValue(cores) is { } given && threads < 1)
            throw new BadInputException($"--cores {given}: {count} workers need at least one each. Give more, or fewer --workers.");
        using var folder = AgentFolder.Hold(node);
        using var identity = Membership.Identity(parsed.GetValue(certs), node);
        using var locator = new HttpCoordinatorLocator(servers, node, ServerHttp.ForMember(identity), ApiToken.Read(), context.Error.WriteLine);
        var own = Membership.Address(parsed.GetValue(address), servers[0]);
        using var interruption = new Interruption();
        var options = new AgentOptions
        {
            Offer = new NodeOffer(node, count, new ProcessReplicaHost(WorkerLaunches.Of(Math.Max(1, threads), own.ToString()), folder.Logs, runLogs: true), Labels(parsed.GetValue(labels) ?? [])),
            Coordinator = locator,
            Identity = identity,
            Address = own,
            Log = Path.Combine(folder.Logs, "agent.log"),
            Settings = new OrchestrationSettings { Agent = new AgentSettings { ShutdownTime = TimeSpan.FromSeconds(40) } },
        };
        await context.RawOut.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Node {node}: {count} workers, threads each: {Math.Max(1, threads)}, for {string.Join(", ", servers.Select(server => server.GetLeftPart(UriPartial.Authority)))}; logs in {folder.Logs}"));
        await using var agent = new AgentHost(options, Tell);
        await agent.RunAsync(interruption.Requested);
        await DrainAsync(agent, interruption);
        return ExitCode.Ok;
    }

    private static ImmutableSortedDictionary<string, string>? Labels(string[] given)
    {
        var pairs = given.Select(label => label.Split('=', 2)).ToList();
        if (pairs.Find(pair => pair.Length < 2 || pair.Any(part => part.Length == 0)) is { } odd)
            throw new BadInputException($"--label {string.Join('=', odd)}: not a name and a value such as gpu=h100.");
        if (pairs.GroupBy(pair => pair[0]).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new BadInputException($"--label {twice.Key}: given twice.");
        return pairs.Count == 0 ? null : pairs.ToImmutableSortedDictionary(pair => pair[0], pair => pair[1]);
    }

    private void Tell(AgentNews news) => context.RawOut.WriteLine(news == AgentNews.Joined
        ? "Joined."
        : "The coordinator is away: workers train on, and their reports follow when it is back.");

    private async Task DrainAsync(AgentHost agent, Interruption interruption)
    {
        await context.Error.WriteLineAsync("Ending: each run here takes a checkpoint first. Ctrl-C again ends at once.");
        await Task.WhenAny(agent.DrainAsync(), Task.Delay(Timeout.Infinite, interruption.Insisted));
    }
}
