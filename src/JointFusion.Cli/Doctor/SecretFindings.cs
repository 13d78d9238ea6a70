using JointFusion.Dashboard;

namespace JointFusion.Cli;

/// <summary>Files that nobody else may read, and the tokens in one of them.</summary>
internal static class SecretFindings
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static IEnumerable<Finding> Of(ServerRoot server, string state) =>
    [
        .. new[] { TokenFile.PathIn(state), Path.Combine(state, "loopback-authority.pem"), server.AttemptsKey, server.Audit }.Where(File.Exists).Select(Mode),
        Tokens(server.Tokens),
    ];

    private static Finding Mode(string path) => OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Others) == 0
        ? Finding.Ok("secrets", $"{path} is this user's alone")
        : Finding.Fail("secrets", $"{path} can be read or written by others (mode {Convert.ToString((int)File.GetUnixFileMode(path), 8)})", $"chmod 600 {path}, and better delete it: another is made");

    private static Finding Tokens(string path)
    {
        try
        {
            var tokens = new TokenBook(path).All;
            var expired = tokens.Where(token => !token.IsValidAt(DateTimeOffset.UtcNow)).Select(token => token.Name).ToList();
            return expired.Count == 0
                ? Finding.Ok("tokens", tokens.IsEmpty ? "the server's own alone" : $"{tokens.Length} beside the server's own")
                : Finding.Warn("tokens", $"expired: {string.Join(", ", expired)}", "jf token revoke NAME, or make them anew: jf token create NAME --role ROLE");
        }
        catch (IOException refused)
        {
            return Finding.Fail("tokens", refused.Message, $"chmod 600 {path}, and look through jf token ls");
        }
    }
}
