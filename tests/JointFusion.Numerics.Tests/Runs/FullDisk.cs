using JointFusion.Training;

namespace JointFusion.Numerics.Tests;

/// <summary>The disk, on which no file may grow longer than there is room.</summary>
/// <param name="room">Bytes; asked at each write.</param>
internal sealed class FullDisk(Func<long> room) : IDisk
{
    private readonly PhysicalDisk disk = new();

    public void CreateDirectory(string path) => disk.CreateDirectory(path);
    public void WriteFile(string path, Action<Stream> write) => disk.WriteFile(path, file => write(new FullStream(file, room)));
    public void SyncFile(string path) => disk.SyncFile(path);
    public void SyncDirectory(string path) => disk.SyncDirectory(path);
    public void MoveDirectory(string from, string to) => disk.MoveDirectory(from, to);
    public void DeleteDirectory(string path) => disk.DeleteDirectory(path);
    public long FreeBytes(string path) => room();
}
