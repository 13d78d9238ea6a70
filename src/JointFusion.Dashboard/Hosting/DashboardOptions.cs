using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace JointFusion.Dashboard;

/// <summary>Where the live page is served, and to whom.</summary>
public sealed record DashboardOptions
{
    /// <summary>http on a loopback address; port 0 takes a free one. Default http://127.0.0.1:0.</summary>
    /// <exception cref="ArgumentException">The URL is not http on loopback, or has a path.</exception>
    public Uri Url
    {
        get;
        init
        {
            LoopbackAddress.Of(value);
            field = value;
        }
    } = new("http://127.0.0.1:0");

    /// <summary>Served in place of <see cref="Url"/>, with TLS and so beyond this machine too. Default null: <see cref="Url"/> is.</summary>
    public SecureAddress? Secure { get; init; }

    /// <summary>What a browser has to show. Default one that only <see cref="DashboardHost.Link"/> tells.</summary>
    public AccessToken Token { get; init; } = AccessToken.Create();

    /// <summary>Whose <see cref="Token"/> is: an admin. Default this process's user.</summary>
    public string Owner { get; init; } = Environment.UserName is { Length: > 0 } user ? user : "owner";

    /// <summary>Of others, with their roles. Default null: there are none.</summary>
    public TokenBook? Tokens { get; init; }

    /// <summary>Known to the servers of one cluster alone: by it the one that leads lets in whom another sends. Default null: nobody is sent.</summary>
    public byte[]? ClusterKey { get; init; }

    /// <summary>Takes who asked for what. Default null: nothing is written down.</summary>
    public AuditLog? Audit { get; init; }

    /// <summary>The command that has printed the link; told to who comes without the token. Default jf run.</summary>
    public string Command { get; init; } = "jf run";

    /// <summary>Where the link leads: a page's route, without the slash before it. Default the bare address.</summary>
    public string Landing { get; init; } = "";

    /// <summary>Takes what goes wrong while serving. Default nowhere.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;
}
