using System.IO.MemoryMappedFiles;

namespace JointFusion.Retrieval;

/// <summary>A file seen as memory: bytes are read when they are touched, and what is not needed again costs no memory.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? map;
    private readonly MemoryMappedViewAccessor? view;
    private readonly byte* first;

    /// <exception cref="CheckpointException">The file cannot be opened.</exception>
    public MappedFile(string path)
    {
        Path = path;
        try
        {
            Length = new FileInfo(path).Length;
            if (Length == 0)
                return;
            map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
            view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            map?.Dispose();
            throw new CheckpointException(path, $"cannot be opened: {e.Message}", e);
        }
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref first);
        first += view.PointerOffset;
    }

    public string Path { get; }

    public long Length { get; }

    /// <exception cref="CheckpointException">They reach beyond the end of the file.</exception>
    public ReadOnlySpan<byte> Bytes(long offset, int count) => new(At(offset, count), count);

    /// <returns>Address of the first of <paramref name="count"/> bytes, valid until the file is disposed of.</returns>
    /// <exception cref="CheckpointException">They reach beyond the end of the file.</exception>
    public byte* At(long offset, long count)
    {
        ObjectDisposedException.ThrowIf(view is { CanRead: false }, this);
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
            throw new CheckpointException(Path, $"is truncated: bytes {offset} to {offset + count} are needed, the file has {Length}.");
        return first + offset;
    }

    public void Dispose()
    {
        if (view is { CanRead: true })
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        view?.Dispose();
        map?.Dispose();
    }
}
