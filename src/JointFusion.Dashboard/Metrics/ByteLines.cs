namespace JointFusion.Dashboard;

/// <summary>The finished lines of a file that may be longer than memory, and may be written to meanwhile.</summary>
internal sealed class ByteLines : IDisposable
{
    /// <summary>Longer than any line that we write.</summary>
    private const int Longest = 1 << 24;

    private readonly FileStream file;
    private byte[] buffer = new byte[1 << 17];
    private int start, end;

    /// <param name="position">Where a line begins.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ByteLines(string path, long position)
    {
        file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        file.Position = position;
        Position = position;
    }

    /// <summary>Where the next line begins.</summary>
    public long Position { get; private set; }

    /// <param name="line">Without its end; until the next call.</param>
    /// <returns>False at the end of the finished ones.</returns>
    /// <exception cref="InvalidDataException">A line is too long to be one of ours.</exception>
    public bool Next(out ReadOnlySpan<byte> line)
    {
        var looked = 0;
        while (true)
        {
            var found = buffer.AsSpan(start + looked, end - start - looked).IndexOf((byte)'\n');
            if (found >= 0)
            {
                line = buffer.AsSpan(start, looked + found);
                start += line.Length + 1;
                Position += line.Length + 1;
                return true;
            }
            looked = end - start;
            if (!Fill())
            {
                line = default;
                return false;
            }
        }
    }

    public void Dispose() => file.Dispose();

    private bool Fill()
    {
        buffer.AsSpan(start, end - start).CopyTo(buffer);
        (start, end) = (0, end - start);
        if (end == buffer.Length)
        {
            if (end >= Longest)
                throw new InvalidDataException($"{file.Name}: a line of more than {Longest:N0} bytes. It is no file of lines that we wrote; move it away.");
            Array.Resize(ref buffer, 2 * end);
        }
        var read = file.Read(buffer, end, buffer.Length - end);
        end += read;
        return read > 0;
    }
}
