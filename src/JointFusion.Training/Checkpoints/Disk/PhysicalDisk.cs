using System.Runtime.InteropServices;

namespace JointFusion.Training;

/// <summary>The file system itself.</summary>
public sealed partial class PhysicalDisk : IDisk
{
    /// <summary>Tensors come in large pieces: a buffer would only copy them once more.</summary>
    private const int Unbuffered = 0;

    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    public void WriteFile(string path, Action<Stream> write)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, Unbuffered);
        using var early = new WritebackStream(file);
        write(early);
        file.Flush(flushToDisk: true);
    }

    public void SyncFile(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, Unbuffered);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Windows has no such call and keeps renames in the file system's own journal.</summary>
    public void SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        const int ReadOnly = 0;
        var directory = Open(path, ReadOnly);
        if (directory < 0) throw Failed("opened", path);
        try
        {
            if (Sync(directory) != 0) throw Failed("synced", path);
        }
        finally
        {
            _ = Close(directory); // nothing was written through it: its failure loses nothing
        }
    }

    public void MoveDirectory(string from, string to) => Directory.Move(from, to);

    public void DeleteDirectory(string path) => Directory.Delete(path, recursive: true);

    public long FreeBytes(string path) => new DriveInfo(path).AvailableFreeSpace;

    private static IOException Failed(string what, string path) =>
        new($"{path} cannot be {what}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);
}
