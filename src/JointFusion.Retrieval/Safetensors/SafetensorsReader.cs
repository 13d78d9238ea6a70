using System.Buffers.Binary;
using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>An open safetensors file: its header checked whole, its tensors read straight into place.</summary>
public sealed class SafetensorsReader : IDisposable
{
    private const int LargestRead = 1 << 30;
    private readonly SafeFileHandle file;
    private readonly long dataStart;
    private readonly Dictionary<string, TensorEntry> byName;

    private SafetensorsReader(string path, SafeFileHandle file, long dataStart, ImmutableArray<TensorEntry> tensors)
    {
        Path = path;
        Tensors = tensors;
        this.file = file;
        this.dataStart = dataStart;
        byName = tensors.ToDictionary(tensor => tensor.Name);
    }

    public string Path { get; }

    /// <summary>Where in the file the places of <see cref="Tensors"/> are counted from.</summary>
    public long DataStart => dataStart;

    /// <summary>In the order of the file.</summary>
    public ImmutableArray<TensorEntry> Tensors { get; }

    /// <exception cref="CheckpointException">The file is missing, truncated, or not a safetensors file.</exception>
    public static SafetensorsReader Open(string path)
    {
        var file = OpenFile(path);
        try
        {
            var fileBytes = RandomAccess.GetLength(file);
            var json = ReadHeader(path, file, fileBytes);
            var dataStart = SafetensorsHeader.LengthBytes + json.Length;
            return new SafetensorsReader(path, file, dataStart, SafetensorsHeader.Parse(path, json, fileBytes - dataStart));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Fills tensors that exist already (on any device), which must be exactly those of the file.</summary>
    /// <exception cref="CheckpointException">Names, a type or a shape differ, or the file cannot be read; targets may be half filled.</exception>
    public void ReadInto(IEnumerable<NamedTensor> targets)
    {
        var wanted = targets.ToArray();
        var missing = wanted.Select(target => target.Name).Where(name => !byName.ContainsKey(name)).ToArray();
        if (missing.Length > 0) throw new CheckpointException(Path, $"holds no tensor named {Names(missing)}.");
        var unexpected = byName.Keys.Except(wanted.Select(target => target.Name)).ToArray();
        if (unexpected.Length > 0) throw new CheckpointException(Path, $"holds tensors that nothing here takes: {Names(unexpected)}.");
        foreach (var target in wanted) ReadInto(target.Name, target.Tensor);
    }

    /// <summary>Fills one tensor that exists already; type and shape must be the file's.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, type or shape differ, or the file cannot be read.</exception>
    public void ReadInto(string name, Tensor target)
    {
        var entry = Find(name);
        if (target.dtype != entry.Type)
            throw new CheckpointException(Path, $"tensor '{name}' is {SafetensorsTypes.NameOf(entry.Type)}, expected {SafetensorsTypes.NameOf(target.dtype)}.");
        if (!entry.Shape.AsSpan().SequenceEqual(target.shape))
            throw new CheckpointException(Path, $"tensor '{name}' has shape {entry.ShapeText}, expected {TensorEntry.Describe(target.shape)}.");
        if (target.device_type == TorchSharp.DeviceType.CPU && target.is_contiguous())
        {
            Fill(entry, target);
            return;
        }
        using var noGradients = no_grad();
        using var read = Read(name);
        target.copy_(read);
    }

    /// <summary>One tensor, new, in CPU memory.</summary>
    /// <exception cref="CheckpointException">There is no such tensor, or the file cannot be read.</exception>
    public Tensor Read(string name)
    {
        var entry = Find(name);
        var tensor = empty(entry.Shape.ToArray(), entry.Type);
        try
        {
            Fill(entry, tensor);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    public void Dispose() => file.Dispose();

    private TensorEntry Find(string name) =>
        byName.TryGetValue(name, out var entry) ? entry : throw new CheckpointException(Path, $"holds no tensor named '{name}'.");

    private unsafe void Fill(TensorEntry entry, Tensor target)
    {
        var address = (byte*)TensorImage.Over(new NamedTensor(entry.Name, target)).Address;
        for (var done = 0L; done < entry.Bytes;)
        {
            var part = new Span<byte>(address + done, (int)Math.Min(LargestRead, entry.Bytes - done));
            ReadExactly(Path, file, part, dataStart + entry.Begin + done);
            done += part.Length;
        }
    }

    private static SafeFileHandle OpenFile(string path)
    {
        try
        {
            return File.OpenHandle(path, options: FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be opened: {e.Message}", e);
        }
    }

    private static byte[] ReadHeader(string path, SafeFileHandle file, long fileBytes)
    {
        if (fileBytes < SafetensorsHeader.LengthBytes)
            throw new CheckpointException(path, $"{fileBytes} bytes are too few for a safetensors file: it is truncated.");
        var length = new byte[SafetensorsHeader.LengthBytes];
        ReadExactly(path, file, length, 0);
        var bytes = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (bytes > SafetensorsHeader.MostBytes)
            throw new CheckpointException(path, $"a header of {bytes} bytes is beyond the format's limit: not a safetensors file.");
        if ((long)bytes > fileBytes - SafetensorsHeader.LengthBytes)
            throw new CheckpointException(path, $"is truncated within its header: {(long)bytes + SafetensorsHeader.LengthBytes - fileBytes} of its {bytes} bytes are missing, and all tensors.");
        var json = new byte[bytes];
        ReadExactly(path, file, json, SafetensorsHeader.LengthBytes);
        return json;
    }

    private static void ReadExactly(string path, SafeFileHandle file, Span<byte> buffer, long offset)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                var count = RandomAccess.Read(file, buffer, offset);
                if (count == 0) throw new CheckpointException(path, $"ends at byte {offset}: it was truncated while it was read.");
                buffer = buffer[count..];
                offset += count;
            }
        }
        catch (IOException e)
        {
            throw new CheckpointException(path, $"cannot be read at byte {offset}: {e.Message}", e);
        }
    }

    private static string Names(string[] names) =>
        string.Join(", ", names.Take(5).Select(name => $"'{name}'")) + (names.Length > 5 ? $" and {names.Length - 5} more" : "");
}
