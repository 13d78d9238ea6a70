using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace JointFusion.Tests;

/// <summary>What transformers 4.51.3 makes of three pictures of odd sizes, with each family's processor; see manifest.json beside the files.</summary>
internal static class ProcessorGoldens
{
    private static readonly byte[] File = System.IO.File.ReadAllBytes(In("outputs.safetensors"));
    private static readonly int HeaderLength = (int)BinaryPrimitives.ReadInt64LittleEndian(File);
    private static readonly JsonElement Header = JsonElement.Parse(File.AsSpan(sizeof(long), HeaderLength));

    /// <summary>Names of all tensors.</summary>
    public static string[] Names { get; } = [.. Header.EnumerateObject().Select(entry => entry.Name).Where(name => name != "__metadata__").Order(StringComparer.Ordinal)];

    public static string In(string file) => Path.Combine(AppContext.BaseDirectory, "Data", "Images", "Goldens", file);

    public static JsonElement Json(string file) => JsonElement.Parse(System.IO.File.ReadAllBytes(In(file)));

    public static T[] Values<T>(string name)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes(name)).ToArray();

    public static int[] Shape(string name) => [.. Header.GetProperty(name).GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];

    private static ReadOnlySpan<byte> Bytes(string name)
    {
        var offsets = Header.GetProperty(name).GetProperty("data_offsets");
        var (start, end) = (offsets[0].GetInt32(), offsets[1].GetInt32());
        return File.AsSpan(sizeof(long) + HeaderLength + start, end - start);
    }
}
