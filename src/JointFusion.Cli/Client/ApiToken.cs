using JointFusion.Dashboard;
using JointFusion.Data;

namespace JointFusion.Cli;

/// <summary>What clients and agents show a server: $JF_TOKEN, else this user's own token, which a server of the same user knows.</summary>
internal static class ApiToken
{
    /// <exception cref="BadInputException">It cannot be read or made.</exception>
    public static string Read()
    {
        if (Environment.GetEnvironmentVariable("JF_TOKEN") is { Length: > 0 } given)
            return given;
        try
        {
            return TokenFile.Open(UserFolders.State).Text;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The token cannot be read: {refused.Message} Put that right, or set JF_TOKEN.");
        }
    }
}
