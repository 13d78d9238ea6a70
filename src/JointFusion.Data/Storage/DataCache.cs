namespace JointFusion.Data;

/// <summary>The folder for what is derived once and can be derived again.</summary>
internal static class DataCache
{
    /// <summary>$JF_CACHE, else jointfusion under $XDG_CACHE_HOME, else ~/.cache/jointfusion (on Windows: jointfusion in the local application data).</summary>
    public static string Folder
    {
        get
        {
            if (Environment.GetEnvironmentVariable("JF_CACHE") is { Length: > 0 } chosen) return Path.GetFullPath(chosen);
            if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache) return Path.Combine(cache, "jointfusion");

            return OperatingSystem.IsWindows()
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "jointfusion")
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "jointfusion");
        }
    }
}
