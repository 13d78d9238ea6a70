namespace JointFusion.Data;

/// <summary>The user's folders for what no experiment owns.</summary>
public static class UserFolders
{
    /// <summary>
    /// For what is derived once and can be derived again: $JF_CACHE, else jointfusion under $XDG_CACHE_HOME, else ~/.cache/jointfusion
    /// (on Windows: jointfusion in the local application data).
    /// </summary>
    public static string Cache => Find("JF_CACHE", "XDG_CACHE_HOME", ".cache");

    /// <summary>For what is to last: $JF_STATE, else jointfusion under $XDG_STATE_HOME, else ~/.local/state/jointfusion (on Windows: as above).</summary>
    public static string State => Find("JF_STATE", "XDG_STATE_HOME", Path.Combine(".local", "state"));

    private static string Find(string own, string xdg, string underHome)
    {
        if (Environment.GetEnvironmentVariable(own) is { Length: > 0 } chosen) return Path.GetFullPath(chosen);
        if (Environment.GetEnvironmentVariable(xdg) is { Length: > 0 } root) return Path.Combine(root, "jointfusion");

        return OperatingSystem.IsWindows()
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "jointfusion")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), underHome, "jointfusion");
    }
}
