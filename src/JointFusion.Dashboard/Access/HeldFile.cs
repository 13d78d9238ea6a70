namespace JointFusion.Dashboard;

/// <summary>Files of mode 0600 that one process works on at a time; the others wait the moment that takes.</summary>
internal static class HeldFile
{
    public const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(20);

    /// <summary>Opened for this process alone: nobody sees it half written, or as it is about to be replaced.</summary>
    /// <exception cref="IOException">It cannot be opened, or another process has had it for 10 s.</exception>
    /// <exception cref="UnauthorizedAccessException">It is another user's.</exception>
    public static FileStream Open(string path, FileMode mode, FileAccess access = FileAccess.ReadWrite)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
            options.UnixCreateMode = Owner;
        for (var deadline = DateTime.UtcNow + Patience; ; Thread.Sleep(RetryAfter))
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException held) when (held is not (FileNotFoundException or DirectoryNotFoundException) && File.Exists(path) && DateTime.UtcNow < deadline)
            {
                // Another process has it.
            }
        }
    }
}
