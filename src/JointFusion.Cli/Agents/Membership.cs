using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using JointFusion.Data;
using JointFusion.Orchestration;

namespace JointFusion.Cli;

/// <summary>By which certificate this process is a member of a cluster, and at which address.</summary>
internal static class Membership
{
    public static Option<string?> Certs() => new("--certs")
    {
        Description = "Folder with authority.pem and this machine's certificate and key (jf certs). Default: $JF_CERTS, else an authority of this user's own, for this machine alone.",
        HelpName = "DIR",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("JF_CERTS"),
    };

    /// <param name="certs">Null: the user's own authority.</param>
    /// <param name="name">Of the node.</param>
    /// <exception cref="BadInputException">There is no certificate, or it cannot be read.</exception>
    public static MemberIdentity Identity(string? certs, string name)
    {
        try
        {
            return certs is null
                ? LoopbackAuthority.Issue(UserFolders.State, name, DateTimeOffset.UtcNow)
                : new CertificateFolder(Path.GetFullPath(certs)).Identity(name);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new BadInputException(refused.Message);
        }
    }

    /// <summary>A loopback one for a server on this machine, else the one from which it is reached.</summary>
    /// <param name="given">By the user.</param>
    /// <exception cref="BadInputException">It is none.</exception>
    public static IPAddress Address(string? given, Uri server)
    {
        try
        {
            if (given is not null)
                return Bindable(Resolve(given));
            if (server.IsLoopback)
                return IPAddress.Loopback;
            using var probe = new Socket(SocketType.Dgram, ProtocolType.Udp); // Sends nothing: the system only chooses the way.
            probe.Connect(Resolve(server.DnsSafeHost), server.Port);
            var own = ((IPEndPoint)probe.LocalEndPoint!).Address;
            return own.IsIPv4MappedToIPv6 ? own.MapToIPv4() : own;
        }
        catch (SocketException unknown)
        {
            throw new BadInputException($"{given ?? server.Host}: {unknown.Message} Give this machine's address: --address IP");
        }
    }

    /// <exception cref="SocketException">It is not of this machine.</exception>
    private static IPAddress Bindable(IPAddress address)
    {
        using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(address, 0));
        return address;
    }

    /// <exception cref="SocketException">The name is unknown.</exception>
    public static IPAddress Resolve(string host) => IPAddress.TryParse(host, out var address)
        ? address
        : Dns.GetHostAddresses(host).OrderBy(found => found.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).First();
}
