namespace JointFusion.Training;

/// <summary>What writing a checkpoint asks of the file system: few durable steps, so that tests can fail or stop at each.</summary>
/// <remarks>All throw <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> when the disk refuses.</remarks>
public interface IDisk
{
    void CreateDirectory(string path);

    /// <summary>Creates a file that must not exist, lets <paramref name="write"/> fill it, and returns once it is on the device.</summary>
    void WriteFile(string path, Action<Stream> write);

    /// <summary>Returns once a file that another has written is on the device.</summary>
    void SyncFile(string path);

    /// <summary>Returns once the names in a directory are on the device.</summary>
    void SyncDirectory(string path);

    /// <summary>Renames a directory within its parent; the new name must be free.</summary>
    void MoveDirectory(string from, string to);

    /// <summary>With all that is in it.</summary>
    void DeleteDirectory(string path);

    /// <summary>Bytes that this process may still write in a directory.</summary>
    long FreeBytes(string path);
}
