using JointFusion.Training;

namespace JointFusion.Numerics.Tests;

/// <summary>The disk, which notes what was on the device before the first rename.</summary>
internal sealed class SyncWitness : IDisk
{
    private readonly PhysicalDisk disk = new();
    private readonly HashSet<string> synced = [];

    /// <summary>Files and folders below the one that was renamed, by their paths in it, that were not on the device then.</summary>
    public string[] Late { get; private set; } = ["never renamed"];

    public void CreateDirectory(string path) => disk.CreateDirectory(path);

    public void WriteFile(string path, Action<Stream> write)
    {
        disk.WriteFile(path, write);
        synced.Add(path);
    }

    public void SyncFile(string path)
    {
        disk.SyncFile(path);
        synced.Add(path);
    }

    /// <summary>Holds for the names that it has now.</summary>
    public void SyncDirectory(string path)
    {
        disk.SyncDirectory(path);
        synced.UnionWith(Directory.GetDirectories(path).Select(folder => folder + "/"));
    }

    public void MoveDirectory(string from, string to)
    {
        Late = [.. Directory.GetFiles(from, "*", SearchOption.AllDirectories).Where(file => !synced.Contains(file))
            .Concat(Directory.GetDirectories(from, "*", SearchOption.AllDirectories).Where(folder => !synced.Contains(folder + "/")))
            .Select(path => Path.GetRelativePath(from, path))];
        disk.MoveDirectory(from, to);
    }

    public void DeleteDirectory(string path) => disk.DeleteDirectory(path);

    public long FreeBytes(string path) => disk.FreeBytes(path);
}
