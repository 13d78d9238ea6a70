using System.CommandLine;

namespace JointFusion.Cli;

/// <summary>Options that every verb for a server has.</summary>
internal static class ClientOptions
{
    public static Option<string?> Server() => new("--server")
    {
        Description = "The server's address; several, where any of them may lead, with commas between them. Default: $JF_SERVER, else this user's own server on this machine.",
        HelpName = "URL",
    };

    /// <summary>Where a server shows a certificate of the cluster's own authority.</summary>
    public static Option<string?> Certs() => new("--certs")
    {
        Description = "Folder with the authority.pem that the server's certificate is of. Default: $JF_CERTS, else what this machine trusts.",
        HelpName = "DIR",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("JF_CERTS"),
    };
}
