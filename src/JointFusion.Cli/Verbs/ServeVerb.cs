using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using JointFusion.Dashboard;
using JointFusion.Data;
using JointFusion.Experiments;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary><c>jf serve</c>: the coordinator, its API and the live page, for any number of agents and experiments.</summary>
public sealed class ServeVerb(CliContext context) : Verb
{
    private readonly Option<string> root = ServerRoot.Option(
        "Where experiments, their runs and the journal live: a file system that every machine of the cluster has at the same path.");
    private readonly Option<string> listen = new("--listen")
    {
        Description = "Address of API and live page; port 0 takes a free one. Beyond this machine it is https, with --certs.",
        HelpName = "URL",
        DefaultValueFactory = _ => "http://127.0.0.1:7420",
    };
    private readonly Option<int> clusterPort = new("--cluster-port") { Description = "Where agents reach the coordinator. Default: a free port, which the API tells them.", HelpName = "PORT" };
    private readonly Option<string?> journal = JournalOption.Create();
    private readonly Option<string?> certs = Membership.Certs();
    private readonly Option<string[]> dataRoots = new("--data-root")
    {
        Description = "A folder that specs may read data from; may be given several times. Default: the data cache.",
        HelpName = "DIR",
    };

    public override IReadOnlyList<Example> Examples =>
    [
        new("jf serve", "take experiments for the agents that join"),
        new("jf serve --journal \"Host=/var/run/postgresql;Database=jointfusion\"", "one of several servers: the first leads, the others stand by"),
        new("jf serve --root /shared/experiments --data-root /shared/data --listen https://10.0.0.1:7420 --certs certs", "the same for a cluster with a shared file system"),
    ];

    protected override Command Declare()
    {
        var command = new Command(
            "serve",
            "Take experiments over HTTP, place their runs on the agents that have joined, and show them on a live page. Ctrl-C ends the server and "
            + "no run: agents train on, and the next server over the same root takes them up.")
        {
            root, journal, listen, clusterPort, dataRoots, certs,
        };
        command.SetAction((parsed, _) => RunAsync(parsed));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        using var interruption = new Interruption();
        using var identity = Membership.Identity(parsed.GetValue(certs), Environment.MachineName.ToLowerInvariant());
        var server = new ServerRoot(Path.GetFullPath(parsed.GetValue(root)!));
        var page = Page(parsed.GetValue(listen)!, parsed.GetValue(certs) is null ? null : identity) with
        {
            Tokens = new TokenBook(server.Tokens, context.Error.WriteLine),
            Audit = new AuditLog(server.Audit, context.Error.WriteLine),
        };
        var options = new ServerOptions(
            server.Path, JournalOption.Read(server.Path, parsed.GetValue(journal)), page, page.Secure?.Address ?? IPAddress.Loopback, parsed.GetValue(clusterPort), identity,
            Roots(parsed.GetValue(dataRoots) ?? []));
        await new ExperimentServer(context, options).RunAsync(interruption.Requested);
        return ExitCode.Ok;
    }

    /// <param name="identity">Of --certs; null: there is none.</param>
    private static DashboardOptions Page(string url, ITransportIdentity? identity)
    {
        try
        {
            var options = new DashboardOptions { Token = TokenFile.Open(UserFolders.State), Command = "jf serve" };
            var address = new Uri(url);
            if (address.Scheme != Uri.UriSchemeHttps)
                return options with { Url = address };
            if (identity is null)
                throw new BadInputException($"--listen {url}: https needs certificates of the cluster's own: jf certs init, jf certs node NAME, then --certs DIR.");
            return options with { Secure = new SecureAddress(address, Membership.Resolve(address.DnsSafeHost), identity) };
        }
        catch (UriFormatException)
        {
            throw new BadInputException($"--listen {url}: not an address such as http://127.0.0.1:7420.");
        }
        catch (ArgumentException plain)
        {
            throw new BadInputException($"--listen {plain.Message} Or serve it with TLS: https://ADDRESS:PORT and --certs DIR.");
        }
        catch (Exception refused) when (refused is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--listen {url}: {refused.Message}");
        }
    }

    private static DataRoots Roots(string[] given)
    {
        string[] roots = given.Length == 0 ? [UserFolders.Cache] : given;
        if (given.FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing)
            throw new BadInputException($"--data-root {missing}: there is no such folder.");
        return new DataRoots([.. roots.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))]);
    }
}
