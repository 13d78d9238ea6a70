using System.Buffers.Binary;
using System.Text;

namespace JointFusion.Retrieval;

/// <summary>A state dict that torch.save wrote (<c>pytorch_model.bin</c>, <c>.pth</c>): a zip with a pickle of names, types and shapes, and an entry of numbers a storage.</summary>
internal static class TorchArchive
{
    private const string Pickle = "data.pkl";

    /// <summary>Under which a training program may have put the state dict in a dictionary of its own.</summary>
    private static readonly string[] Wrappers = ["state_dict", "model"];

    /// <exception cref="CheckpointException">The file is no state dict, or its pickle asks for more than tensors. Nothing of it was executed.</exception>
    public static IReadOnlyList<StoredTensor> Tensors(MappedFile file)
    {
        if (file.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(file.Bytes(0, 4)) != 0x504B0304)
            throw new CheckpointException(
                file.Path, "is no zip: torch before 1.6 wrote such files, or it is no checkpoint. Load and save it with a newer torch, or use safetensors.");
        var entries = StoredZip.Entries(file);
        var pickle = entries.Keys.SingleOrDefault(name => name == Pickle || (name.EndsWith($"/{Pickle}", StringComparison.Ordinal) && name.IndexOf('/') == name.Length - Pickle.Length - 1))
            ?? throw new CheckpointException(file.Path, $"has no entry '{Pickle}': it is no state dict.");
        var prefix = pickle[..^Pickle.Length];
        CheckByteOrder(file, entries, prefix);
        try
        {
            var (offset, bytes) = entries[pickle];
            var content = PickleReader.Read(file.Bytes(offset, checked((int)bytes)).ToArray(), Storage);
            return [.. StateDict(content).Select(pair => Tensor(file, entries, prefix, (string)pair.Key, (PickledTensor)pair.Value!))];
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new CheckpointException(file.Path, $"cannot be used: {e.Message}.", e);
        }
    }

    private static void CheckByteOrder(MappedFile file, Dictionary<string, (long Offset, long Bytes)> entries, string prefix)
    {
        if (entries.TryGetValue($"{prefix}byteorder", out var entry) && Encoding.ASCII.GetString(file.Bytes(entry.Offset, (int)entry.Bytes)) is var order && order != "little")
            throw new CheckpointException(file.Path, $"has the byte order '{order}'; only 'little' is read.");
    }

    private static IEnumerable<KeyValuePair<object, object?>> StateDict(object? content)
    {
        if (content is not Dictionary<object, object?> dictionary)
            throw new FormatException("its pickle is no dictionary of tensors");
        foreach (var wrapper in Wrappers)
            if (dictionary.TryGetValue(wrapper, out var inner) && inner is Dictionary<object, object?> wrapped)
                dictionary = wrapped;
        return dictionary.FirstOrDefault(pair => pair is not { Key: string, Value: PickledTensor }) is { Key: { } key }
            ? throw new FormatException($"'{key}' in its dictionary is no tensor")
            : dictionary;
    }

    private static PickledStorage Storage(object? id) => id is object?[] and ["storage", PickleGlobal type, string key, _, long elements]
        ? new PickledStorage(type.ElementType, key, elements)
        : throw new FormatException("the pickle names something outside of it that is no storage");

    private static StoredTensor Tensor(MappedFile file, Dictionary<string, (long Offset, long Bytes)> entries, string prefix, string name, PickledTensor tensor)
    {
        var storage = tensor.Storage;
        if (!entries.TryGetValue($"{prefix}data/{storage.Key}", out var entry))
            throw new FormatException($"tensor '{name}' lies in the entry data/{storage.Key}, which is not there");
        var size = SafetensorsTypes.SizeOf(storage.Type);
        if (tensor.Shape.Length != tensor.Strides.Length)
            throw new FormatException($"tensor '{name}' has {tensor.Shape.Length} sizes and {tensor.Strides.Length} strides");
        if (checked((tensor.Offset + Extent(tensor)) * size) > entry.Bytes || tensor.Offset < 0)
            throw new FormatException($"tensor '{name}' reaches beyond the {entry.Bytes} bytes of data/{storage.Key}");
        return new StoredTensor(
            name, storage.Type, [.. tensor.Shape], file, entry.Offset + (tensor.Offset * size), IsRowByRow(tensor) ? null : [.. tensor.Strides]);
    }

    private static long Extent(PickledTensor tensor)
    {
        var extent = 1L;
        for (var i = 0; i < tensor.Shape.Length; i++)
        {
            if (tensor.Shape[i] == 0)
                return 0;
            extent = checked(extent + ((tensor.Shape[i] - 1) * tensor.Strides[i]));
        }
        return extent;
    }

    private static bool IsRowByRow(PickledTensor tensor)
    {
        var expected = 1L;
        for (var i = tensor.Shape.Length - 1; i >= 0; i--)
        {
            if (tensor.Shape[i] != 1 && tensor.Strides[i] != expected)
                return false;
            expected = checked(expected * tensor.Shape[i]);
        }
        return true;
    }
}
