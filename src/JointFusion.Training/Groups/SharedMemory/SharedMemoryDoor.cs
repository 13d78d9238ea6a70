using System.Globalization;

namespace JointFusion.Training;

/// <summary>A rank's part in forming a <see cref="SharedMemoryProcessGroup"/>, before anyone knows its peers: rank 0 makes the memory.</summary>
/// <remarks>
/// Where /proc shows a process's open files (Linux), the file has no name from the start and peers reach it through its maker, so that
/// nothing is left behind however the processes end. Elsewhere it has a name until every rank has joined.
/// </remarks>
public sealed class SharedMemoryDoor : IDisposable
{
    private readonly FileStream? file;
    private readonly string? name;

    private SharedMemoryDoor(string endpoint, FileStream? file, string? name)
    {
        Endpoint = endpoint;
        this.file = file;
        this.name = name;
    }

    /// <summary>Rank 0's: the path at which this user's processes reach the memory. The others': their process, for messages.</summary>
    public string Endpoint { get; }

    internal FileStream File => file ?? throw new InvalidOperationException("Only rank 0 makes the memory.");

    /// <param name="folder">For the file; null: /dev/shm where it exists, else the folder for temporary files.</param>
    /// <exception cref="IOException">There is no room for the memory.</exception>
    public static SharedMemoryDoor Open(int rank, int worldSize, string? folder = null)
    {
        if (rank != 0 || worldSize == 1) return new SharedMemoryDoor(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId}"), null, null);
        var path = Path.Combine(folder ?? DefaultFolder, $"jointfusion-{Path.GetRandomFileName()}");
        var file = Make(path, new SharedMemoryLayout(worldSize).Bytes);
        var descriptor = string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{file.SafeFileHandle.DangerousGetHandle()}");
        if (!System.IO.File.Exists(descriptor)) return new SharedMemoryDoor(path, file, path);
        System.IO.File.Delete(path);
        return new SharedMemoryDoor(descriptor, file, null);
    }

    /// <summary>Takes the file's name away, if it has one still. The memory lives on in who has mapped it.</summary>
    public void Dispose()
    {
        file?.Dispose();
        if (name is not null) System.IO.File.Delete(name);
    }

    private static string DefaultFolder => Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    /// <summary>The whole size is set aside at once: memory that runs out later is no exception but a crash.</summary>
    private static FileStream Make(string path, long bytes)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            PreallocationSize = bytes,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            var file = new FileStream(path, options);
            file.SetLength(bytes);
            return file;
        }
        catch (IOException e)
        {
            throw new IOException(
                $"There is no shared memory of {bytes >> 10} KiB at {path}: {e.Message} Make room there, or set resources.transport to tcp.", e);
        }
    }
}
