namespace JointFusion.Orchestration;

/// <summary>A file that no other user of this machine can read.</summary>
public static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads it, or makes it: of processes that make it at once one wins, and all read the same bytes.</summary>
    /// <exception cref="IOException">It cannot be read or written, or others can read it; the message names it.</exception>
    public static byte[] Ensure(string path, Func<byte[]> make)
    {
        if (!File.Exists(path))
        {
            var beside = $"{path}.{Guid.NewGuid():N}";
            Write(beside, make());
            MoveIfFree(beside, path);
        }
        return Read(path);
    }

    /// <exception cref="IOException">There is none, or others can read it; the message names it.</exception>
    public static byte[] Read(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(Owner | UnixFileMode.UserExecute)) != 0)
            throw new IOException($"{path}: other users can read this key, so it is none any more: chmod 600 {path}, or better delete it and make another.");
        return File.ReadAllBytes(path);
    }

    /// <summary>On disk once it returns. Its folder is made if missing.</summary>
    /// <exception cref="IOException">It exists already, or cannot be written.</exception>
    public static void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Owner;
        using var file = new FileStream(path, options);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    private static void MoveIfFree(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: false);
        }
        catch (IOException) when (File.Exists(to))
        {
            File.Delete(from); // Another process was first.
        }
    }
}
