using System.CommandLine;

namespace JointFusion.Cli;

/// <summary>Options that every verb for a server has.</summary>
internal static class ClientOptions
{
    public static Option<string?> Server() => new("--server")
    {
        Description = "The server's address. Default: $JF_SERVER, else this user's own server on this machine.",
        HelpName = "URL",
    };
}
