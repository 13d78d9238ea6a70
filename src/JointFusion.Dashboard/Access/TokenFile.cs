using System.Text;

namespace JointFusion.Dashboard;

/// <summary>The user's one <see cref="AccessToken"/>, in a file that no other user can read.</summary>
public static class TokenFile
{
    private const string Name = "live-page-token";
    private const UnixFileMode WritableByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Where it is kept.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, Name);

    /// <summary>Reads the token, or makes it. Processes that do so at once agree on one.</summary>
    /// <param name="folder">Made with mode 0700 if it is not there.</param>
    /// <exception cref="IOException">It cannot be read or written; the message names it.</exception>
    /// <exception cref="UnauthorizedAccessException">So too.</exception>
    public static AccessToken Open(string folder)
    {
        MakeFolder(folder);
        using var file = HeldFile.Open(PathIn(folder), FileMode.OpenOrCreate);
        if (KeepPrivate(file) && Read(file) is { } kept)
            return kept;
        var made = AccessToken.Create();
        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes(made.Text));
        file.Flush(flushToDisk: true);
        return made;
    }

    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        Directory.CreateDirectory(folder, HeldFile.Owner | UnixFileMode.UserExecute);
        if ((File.GetUnixFileMode(folder) & WritableByOthers) != 0)
            throw new IOException($"{folder}: other users can write there, so the live page's token is not safe in it: chmod 700 {folder}");
    }

    /// <returns>False if others could read the file until now.</returns>
    private static bool KeepPrivate(FileStream file)
    {
        if (OperatingSystem.IsWindows())
            return true;
        var was = File.GetUnixFileMode(file.SafeFileHandle);
        File.SetUnixFileMode(file.SafeFileHandle, HeldFile.Owner);
        return (was & ~(HeldFile.Owner | UnixFileMode.UserExecute)) == 0;
    }

    private static AccessToken? Read(FileStream file)
    {
        using var reader = new StreamReader(file, Encoding.ASCII, leaveOpen: true);
        return AccessToken.Parse(reader.ReadToEnd().Trim());
    }
}
