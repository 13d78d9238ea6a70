using System.Runtime.InteropServices;

namespace JointFusion.Training;

/// <summary>Sends a file's bytes on to the device while more are being written: the sync at the end then finds little left to do.</summary>
/// <remarks>Left alone, Linux begins after seconds or a tenth of the memory; see sync_file_range(2). Elsewhere it only passes on.</remarks>
internal sealed partial class WritebackStream(FileStream file) : PassingStream(file)
{
    /// <summary>Bytes at a time.</summary>
    private const int Piece = 4 << 20;

    private long begun;

    protected override void Pass(ReadOnlySpan<byte> buffer)
    {
        file.Write(buffer);
        var written = Length + buffer.Length;
        if (!OperatingSystem.IsLinux() || written - begun < Piece) return;
        const uint startWriting = 2; // SYNC_FILE_RANGE_WRITE
        // A hint: where the file system refuses it, the sync at the end does all of the work, and reports what fails.
        _ = SyncRange((int)file.SafeFileHandle.DangerousGetHandle(), begun, written - begun, startWriting);
        begun = written;
    }

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncRange(int file, long offset, long bytes, uint flags);
}
