namespace JointFusion.Orchestration;

/// <summary>A log file that does not outgrow its disk: at its longest it becomes PATH.1, in place of the one before, and begins anew.</summary>
internal sealed class RotatingLog : IDisposable
{
    private const int Unbuffered = 0;
    private readonly string path;
    private readonly long longest;
    private StreamWriter file;
    private long written;

    /// <param name="longest">Bytes.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public RotatingLog(string path, long longest = 16 << 20)
    {
        (this.path, this.longest) = (path, longest);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        file = Open();
    }

    /// <exception cref="IOException">The disk refuses.</exception>
    public void WriteLine(string line)
    {
        if (written >= longest)
            Rotate();
        file.WriteLine(line);
        written += line.Length + 1;
    }

    public void Dispose() => file.Dispose();

    private void Rotate()
    {
        file.Dispose();
        try
        {
            File.Move(path, path + ".1", overwrite: true);
        }
        finally
        {
            file = Open();
        }
    }

    private StreamWriter Open()
    {
        var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, Unbuffered);
        written = stream.Length;
        return new StreamWriter(stream) { AutoFlush = true };
    }
}
