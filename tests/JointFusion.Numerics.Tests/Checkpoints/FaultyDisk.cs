using JointFusion.Training;

namespace JointFusion.Numerics.Tests;

/// <summary>The disk, until an operation numbered from 1 fails: once (a full disk), or with all that follow (the process was killed).</summary>
internal sealed class FaultyDisk(int failsAt, bool killed) : IDisk
{
    private readonly PhysicalDisk disk = new();

    public int Operations { get; private set; }

    public void CreateDirectory(string path) => Run(() => disk.CreateDirectory(path));

    /// <summary>A file that fails is there, half written.</summary>
    public void WriteFile(string path, Action<Stream> write)
    {
        if (!Fails())
        {
            disk.WriteFile(path, write);
            return;
        }
        if (!(killed && Operations > failsAt)) disk.WriteFile(path, stream => stream.Write([1, 2, 3]));
        throw Failure();
    }

    public void SyncFile(string path) => Run(() => disk.SyncFile(path));
    public void SyncDirectory(string path) => Run(() => disk.SyncDirectory(path));
    public void MoveDirectory(string from, string to) => Run(() => disk.MoveDirectory(from, to));

    /// <summary>A deletion that is killed has removed one file.</summary>
    public void DeleteDirectory(string path)
    {
        if (!Fails())
        {
            disk.DeleteDirectory(path);
            return;
        }
        if (killed && Operations == failsAt && Directory.GetFiles(path) is [var first, ..]) File.Delete(first);
        throw Failure();
    }

    public long FreeBytes(string path) => disk.FreeBytes(path);

    private void Run(Action operation)
    {
        if (Fails()) throw Failure();
        operation();
    }

    private bool Fails()
    {
        Operations++;
        return killed ? Operations >= failsAt : Operations == failsAt;
    }

    private static IOException Failure() => new("No space left on device");
}
