namespace JointFusion.Cli;

/// <summary>A spec on its way to a server, which reads it.</summary>
internal static class SpecText
{
    /// <exception cref="BadInputException">The file cannot be read.</exception>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: the spec cannot be read: {unreadable.Message}");
        }
    }
}
