using System.Text;

namespace JointFusion.Orchestration;

/// <summary>A fresh folder for Unix domain sockets that only this user may enter; removed with everything in it.</summary>
internal sealed class SocketFolder : IDisposable
{
    /// <summary>Bytes of the longest path a socket address holds, its closing zero left out.</summary>
    private const int MaxPathBytes = 107;

    // Created with mode 0700 by contract of CreateTempSubdirectory.
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("jf-");

    public string FullName => folder.FullName;

    /// <exception cref="InvalidOperationException">The temporary folder's path is too long for a socket.</exception>
    public string Socket(string name)
    {
        var path = Path.Combine(folder.FullName, name);
        if (Encoding.UTF8.GetByteCount(path) > MaxPathBytes)
            throw new InvalidOperationException(
                $"The socket path '{path}' is longer than {MaxPathBytes} bytes. Set TMPDIR to a shorter folder and start again.");
        return path;
    }

    public void Dispose()
    {
        if (folder.Exists)
            folder.Delete(recursive: true);
    }
}
