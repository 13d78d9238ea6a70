using System.Collections.Immutable;
using JointFusion.Data;

namespace JointFusion.Cli;

/// <summary>Where the servers are: <c>--server</c>, else $JF_SERVER, else what the latest <c>jf serve</c> of this user on this machine wrote down.</summary>
internal static class ServerAddress
{
    private static string File => Path.Combine(UserFolders.State, "server");

    /// <param name="given">Several, where any of them may lead, with commas between them.</param>
    /// <returns>One at least.</returns>
    /// <exception cref="BadInputException">Nothing says where they are, or what does is no address.</exception>
    public static ImmutableArray<Uri> Find(string? given)
    {
        var text = given ?? Environment.GetEnvironmentVariable("JF_SERVER") ?? Written()
            ?? throw new BadInputException("Which server? Give --server URL, set JF_SERVER, or start one on this machine: jf serve");
        return [.. text.Split(',', StringSplitOptions.TrimEntries).Select(Parse).Distinct()];
    }

    /// <summary>Of a server that stands by, where the one that leads is: null where a token would travel less well guarded than to the former.</summary>
    /// <param name="location">Told by it.</param>
    public static Uri? Leader(Uri standby, Uri? location) =>
        location is { IsAbsoluteUri: true } && (location.Scheme == Uri.UriSchemeHttps || (standby.Scheme == Uri.UriSchemeHttp && location is { IsLoopback: true, Scheme: "http" }))
            ? new Uri(location.GetLeftPart(UriPartial.Authority))
            : null;

    /// <exception cref="BadInputException">It is no address, or one where the token would travel in plain text.</exception>
    public static Uri Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/")
            throw new BadInputException($"{text}: not a server's address such as http://127.0.0.1:7420.");
        return url.IsLoopback || url.Scheme == "https"
            ? url
            : throw new BadInputException($"{text}: beyond this machine a server is reached by https alone, so that nobody reads the token on the way.");
    }

    public static void Write(Uri url)
    {
        var beside = $"{File}.{Environment.ProcessId}";
        System.IO.File.WriteAllText(beside, url.GetLeftPart(UriPartial.Authority));
        System.IO.File.Move(beside, File, overwrite: true);
    }

    private static string? Written() => System.IO.File.Exists(File) ? System.IO.File.ReadAllText(File).Trim() : null;
}
