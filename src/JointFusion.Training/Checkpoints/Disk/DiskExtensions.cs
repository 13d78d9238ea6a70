using JointFusion.Experiments;

namespace JointFusion.Training;

/// <summary>What every writer of durable folders does with a disk.</summary>
internal static class DiskExtensions
{
    /// <inheritdoc cref="IDisk.WriteFile"/>
    /// <returns>Name, size and hash of what was written.</returns>
    public static CheckpointFile WriteHashed(this IDisk disk, string path, Action<Stream> write)
    {
        CheckpointFile? written = null;
        disk.WriteFile(path, stream =>
        {
            using var hashing = new HashingStream(stream);
            write(hashing);
            written = new CheckpointFile(Path.GetFileName(path), hashing.Length, hashing.Finish());
        });
        return written!;
    }

    /// <summary>Returns once a directory that others have filled is on the device, with all that is in it.</summary>
    public static void SyncTree(this IDisk disk, string directory)
    {
        foreach (var folder in Directory.GetDirectories(directory))
            disk.SyncTree(folder);
        foreach (var file in Directory.GetFiles(directory))
            disk.SyncFile(file);
        disk.SyncDirectory(directory);
    }

    /// <summary>Removes a folder that nothing reads. Where that fails it stays behind: whatever came before is what the user should hear of.</summary>
    public static void TryDelete(this IDisk disk, string directory)
    {
        try
        {
            if (Directory.Exists(directory)) disk.DeleteDirectory(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
