using System.CommandLine;
using System.Security.Cryptography;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary><c>jf certs</c>: the certificates by which the machines of a cluster know each other.</summary>
public sealed class CertsVerb(CliContext context) : Verb
{
    public override IReadOnlyList<Example> Examples =>
    [
        new("jf certs init --certs certs", "make an authority of the cluster's own"),
        new("jf certs node gpu1 --host 10.0.0.11 --certs certs", "a certificate for the machine gpu1, which others reach at that address"),
    ];

    protected override Command Declare() =>
        new("certs", "Make the certificates that members of a cluster show each other: without one of its authority nobody joins or is heard.") { Init(), Node() };

    private static Option<string> Folder() => new("--certs") { Description = "The folder of the authority and its certificates.", HelpName = "DIR", DefaultValueFactory = _ => "certs" };

    private Command Init()
    {
        var folder = Folder();
        var command = new Command("init", "Make the authority: authority.pem for every machine, authority.key for the one that makes certificates alone.") { folder };
        command.SetAction(parsed => Guarded(() =>
        {
            var certificates = new CertificateFolder(Path.GetFullPath(parsed.GetValue(folder)!));
            certificates.CreateAuthority(DateTimeOffset.UtcNow);
            context.RawOut.WriteLine($"{certificates.AuthorityCertificate}: goes to every machine.");
            context.RawOut.WriteLine($"{certificates.AuthorityKey}: stays here; whoever has it can make members.");
        }));
        return command;
    }

    private Command Node()
    {
        var name = new Argument<string>("NAME") { Description = "Of the machine: what `jf agent --name` and `jf serve` on it are to be known by." };
        var hosts = new Option<string[]>("--host") { Description = "Names and addresses that others reach it by; may be given several times. Default: its name.", HelpName = "HOST" };
        var folder = Folder();
        var command = new Command("node", "Make the certificate and key of one machine.") { name, hosts, folder };
        command.SetAction(parsed => Guarded(() =>
        {
            var node = parsed.GetRequiredValue(name);
            if (node.Length == 0 || node.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.')) || node.StartsWith('.'))
                throw new BadInputException($"\"{node}\": letters, digits, '-', '_' and '.', not beginning with a dot.");
            var certificates = new CertificateFolder(Path.GetFullPath(parsed.GetValue(folder)!));
            certificates.CreateNode(node, [node, .. parsed.GetValue(hosts) ?? []], DateTimeOffset.UtcNow);
            context.RawOut.WriteLine($"Bring to {node}: {certificates.Certificate(node)}, {certificates.Key(node)}, {certificates.AuthorityCertificate}");
        }));
        return command;
    }

    private static int Guarded(Action act)
    {
        try
        {
            act();
            return ExitCode.Ok;
        }
        catch (IOException missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadInputException($"{missing.Message} Make the authority first: jf certs init");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new BadInputException(refused.Message);
        }
    }
}
