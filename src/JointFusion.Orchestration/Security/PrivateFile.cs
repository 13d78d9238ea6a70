using System.Runtime.InteropServices;

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

    /// <summary>Where the name is taken, another process was first.</summary>
    private static void MoveIfFree(string from, string to)
    {
        // File.Move looks first and renames then, so that of two processes the second can replace what the first already works with; a link is made or refused in one.
        if (!OperatingSystem.IsWindows() && (Link(from, to) == 0 || File.Exists(to)))
        {
            File.Delete(from);
            return;
        }
        try
        {
            File.Move(from, to, overwrite: false); // Also on file systems without links.
        }
        catch (IOException) when (File.Exists(to))
        {
            File.Delete(from);
        }
    }

    [DllImport("libc", EntryPoint = "link")]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);
}
