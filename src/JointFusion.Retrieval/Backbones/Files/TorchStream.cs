using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace JointFusion.Retrieval;

/// <summary>What torch.save wrote before torch 1.6: pickles one after the other, then of each storage its length and its numbers.</summary>
internal static class TorchStream
{
    private const int LengthBytes = 8;
    private static readonly BigInteger Magic = BigInteger.Parse("1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <exception cref="FormatException">It is no such file; the message goes on from its name.</exception>
    public static TorchArchive Read(MappedFile file)
    {
        var at = 0L;
        if (file.Length < 2 || file.Bytes(0, 1)[0] != 0x80 || Next(file, ref at) is not BigInteger magic || magic != Magic)
            throw new FormatException("torch.save did not write it");
        _ = Next(file, ref at); // the protocol's number
        if (Next(file, ref at) is not Dictionary<object, object?> system || system.GetValueOrDefault("little_endian") is not true)
            throw new FormatException("its byte order is not little-endian");
        var types = new Dictionary<string, PickledStorage>(StringComparer.Ordinal);
        var content = PickleReader.Read(file, ref at, file.Length, id => Noted(TorchArchive.Storage(id), types));
        var keys = Next(file, ref at) as List<object?> ?? throw new FormatException("it does not list its storages");
        return new TorchArchive(content, Places(file, at, keys, types));
    }

    private static object? Next(MappedFile file, ref long at) => PickleReader.Read(file, ref at, file.Length, TorchArchive.Storage);

    private static PickledStorage Noted(PickledStorage storage, Dictionary<string, PickledStorage> types) => types[storage.Key] = storage;

    private static Dictionary<string, (long Offset, long Bytes)> Places(MappedFile file, long at, List<object?> keys, Dictionary<string, PickledStorage> types)
    {
        var places = new Dictionary<string, (long, long)>(StringComparer.Ordinal);
        foreach (var listed in keys)
        {
            if (listed is not string key || !types.TryGetValue(key, out var storage))
                throw new FormatException($"it lists the storage '{listed}', which no tensor uses");
            var elements = BinaryPrimitives.ReadInt64LittleEndian(file.Bytes(at, LengthBytes));
            if (elements < 0)
                throw new FormatException($"storage {key} has {elements} elements");
            places[key] = (at + LengthBytes, checked(elements * SafetensorsTypes.SizeOf(storage.Type)));
            at = checked(at + LengthBytes + places[key].Item2);
        }
        return places;
    }
}
