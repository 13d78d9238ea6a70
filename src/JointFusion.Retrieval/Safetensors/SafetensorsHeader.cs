using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text.Json;

namespace JointFusion.Retrieval;

/// <summary>The head of a safetensors file: 8 bytes of length (little-endian), then JSON naming each tensor's type, shape and place.</summary>
/// <remarks>Format: https://github.com/huggingface/safetensors#format. Data begin at a multiple of 8 and leave no byte unused.</remarks>
internal static class SafetensorsHeader
{
    public const int LengthBytes = 8;

    /// <summary>The format's own limit.</summary>
    public const long MostBytes = 100_000_000;

    private const string Metadata = "__metadata__";

    /// <summary>Length and JSON, padded with spaces, for tensors written in this order without gaps.</summary>
    /// <param name="format">What the tensors are of, such as <c>pt</c>, without which transformers refuses a file; null: not said.</param>
    public static byte[] Format(IReadOnlyList<TensorImage> tensors, string? format = null)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            var begin = 0L;
            writer.WriteStartObject();
            if (format is not null)
            {
                writer.WriteStartObject(Metadata);
                writer.WriteString("format", format);
                writer.WriteEndObject();
            }
            foreach (var tensor in tensors)
            {
                writer.WriteStartObject(tensor.Name);
                writer.WriteString("dtype", SafetensorsTypes.NameOf(tensor.Type));
                WriteNumbers(writer, "shape", tensor.Shape);
                WriteNumbers(writer, "data_offsets", [begin, begin += tensor.Bytes]);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        var padded = (json.WrittenCount + 7) / 8 * 8;
        var header = new byte[LengthBytes + padded];
        header.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(header, padded);
        json.WrittenSpan.CopyTo(header.AsSpan(LengthBytes));
        return header;
    }

    /// <param name="path">For messages.</param>
    /// <param name="dataBytes">Length of the file behind the header.</param>
    /// <returns>In the order of their places.</returns>
    /// <exception cref="CheckpointException">The header is not one, or its tensors do not exactly fill the file.</exception>
    public static ImmutableArray<TensorEntry> Parse(string path, ReadOnlyMemory<byte> json, long dataBytes)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8 });
            var entries = document.RootElement.EnumerateObject()
                .Where(property => property.Name != Metadata).Select(property => ParseEntry(path, property)).ToArray();
            CheckNames(path, entries);
            entries = [.. entries.OrderBy(entry => entry.Begin).ThenBy(entry => entry.Bytes)];
            CheckPlaces(path, entries, dataBytes);
            return [.. entries];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new CheckpointException(path, $"the header is not that of a safetensors file: {e.Message}", e);
        }
    }

    private static TensorEntry ParseEntry(string path, JsonProperty property)
    {
        var typeName = property.Value.GetProperty("dtype").GetString() ?? "null";
        if (!SafetensorsTypes.TryParse(typeName, out var type))
            throw new CheckpointException(path, $"tensor '{property.Name}' has the unknown type {typeName}.");
        ImmutableArray<long> shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
        var offsets = property.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64()).ToArray();
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0])
            throw new CheckpointException(path, $"tensor '{property.Name}' has the impossible place [{string.Join(", ", offsets)}].");
        var entry = new TensorEntry(property.Name, type, shape, offsets[0], offsets[1] - offsets[0]);
        if (BytesOf(shape, SafetensorsTypes.SizeOf(type)) != entry.Bytes)
            throw new CheckpointException(path, $"tensor '{entry.Name}' of shape {entry.ShapeText} and type {typeName} cannot have {entry.Bytes} bytes.");
        return entry;
    }

    /// <summary>Null where the shape is impossible or beyond 64 bits.</summary>
    private static long? BytesOf(ImmutableArray<long> shape, int elementSize)
    {
        Int128 bytes = elementSize;
        foreach (var size in shape)
        {
            if (size < 0 || bytes * size > long.MaxValue) return null;
            bytes *= size;
        }
        return (long)bytes;
    }

    private static void CheckNames(string path, TensorEntry[] entries)
    {
        var names = new HashSet<string>();
        foreach (var entry in entries)
        {
            if (!names.Add(entry.Name)) throw new CheckpointException(path, $"tensor '{entry.Name}' is there twice.");
        }
    }

    private static void CheckPlaces(string path, TensorEntry[] entries, long dataBytes)
    {
        var end = 0L;
        foreach (var entry in entries)
        {
            if (entry.Begin < end) throw new CheckpointException(path, $"tensor '{entry.Name}' overlaps the one before it, at byte {entry.Begin}.");
            if (entry.Begin > end) throw new CheckpointException(path, $"bytes {end} to {entry.Begin}, before tensor '{entry.Name}', belong to no tensor.");
            end = entry.Begin + entry.Bytes;
        }
        if (end > dataBytes)
        {
            var first = entries.First(entry => entry.Begin + entry.Bytes > dataBytes);
            throw new CheckpointException(
                path, $"is truncated: of the {end} bytes of tensors that its header lists the last {end - dataBytes} are missing, from within tensor '{first.Name}' on.");
        }
        if (end != dataBytes) throw new CheckpointException(path, $"{dataBytes - end} bytes behind the last tensor belong to no tensor.");
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, ImmutableArray<long> numbers)
    {
        writer.WriteStartArray(name);
        foreach (var number in numbers) writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
