using System.Buffers.Binary;

namespace JointFusion.Retrieval;

/// <summary>A state dict that torch.save wrote (<c>pytorch_model.bin</c>, <c>.pth</c>): a pickle of names, types and shapes, and beside it the storages' numbers.</summary>
/// <param name="Content">What the pickle describes.</param>
/// <param name="Storages">By key, where their numbers lie in the file.</param>
internal sealed record TorchArchive(object? Content, IReadOnlyDictionary<string, (long Offset, long Bytes)> Storages)
{
    private const uint ZipStart = 0x504B0304;

    /// <summary>Under which a training program may have put the state dict in a dictionary of its own.</summary>
    private static readonly string[] Wrappers = ["state_dict", "model"];

    /// <exception cref="CheckpointException">The file is no state dict, or its pickle asks for more than tensors. Nothing of it was executed.</exception>
    public static IReadOnlyList<StoredTensor> Tensors(MappedFile file)
    {
        try
        {
            var isZip = file.Length >= 4 && BinaryPrimitives.ReadUInt32BigEndian(file.Bytes(0, 4)) == ZipStart;
            var archive = isZip ? TorchZip.Read(file) : TorchStream.Read(file);
            return [.. archive.StateDict().Select(pair => archive.Tensor(file, (string)pair.Key, (PickledTensor)pair.Value!))];
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            throw new CheckpointException(file.Path, $"cannot be used: {e.Message}.", e);
        }
    }

    /// <summary>What a pickle says of a storage, which lies outside of it.</summary>
    /// <exception cref="FormatException">It is no storage.</exception>
    public static PickledStorage Storage(object? id) => id is object?[] and ["storage", PickleGlobal type, string key, _, long elements, ..]
        ? new PickledStorage(type.ElementType, key, elements)
        : throw new FormatException("the pickle names something outside of it that is no storage");

    private Dictionary<object, object?> StateDict()
    {
        if (Content is not Dictionary<object, object?> dictionary)
            throw new FormatException("its pickle is no dictionary of tensors");
        foreach (var wrapper in Wrappers)
            if (dictionary.TryGetValue(wrapper, out var inner) && inner is Dictionary<object, object?> wrapped)
                dictionary = wrapped;
        return dictionary.FirstOrDefault(pair => pair is not { Key: string, Value: PickledTensor }) is { Key: { } key }
            ? throw new FormatException($"'{key}' in its dictionary is no tensor")
            : dictionary;
    }

    private StoredTensor Tensor(MappedFile file, string name, PickledTensor tensor)
    {
        var storage = tensor.Storage;
        if (!Storages.TryGetValue(storage.Key, out var place))
            throw new FormatException($"tensor '{name}' lies in storage {storage.Key}, which is not there");
        var size = SafetensorsTypes.SizeOf(storage.Type);
        if (tensor.Offset < 0 || checked((tensor.Offset + tensor.Extent) * size) > place.Bytes)
            throw new FormatException($"tensor '{name}' reaches beyond the {place.Bytes} bytes of storage {storage.Key}");
        return new StoredTensor(
            name, storage.Type, [.. tensor.Shape], file, place.Offset + (tensor.Offset * size), tensor.IsRowByRow ? null : [.. tensor.Strides]);
    }
}
