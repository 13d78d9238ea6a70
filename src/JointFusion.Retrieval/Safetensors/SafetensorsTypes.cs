using TorchSharp;

namespace JointFusion.Retrieval;

/// <summary>The format's names of element types, and their sizes.</summary>
internal static class SafetensorsTypes
{
    private static readonly (string Name, torch.ScalarType Type, int Size)[] Types =
    [
        ("F64", torch.ScalarType.Float64, 8), ("F32", torch.ScalarType.Float32, 4), ("F16", torch.ScalarType.Float16, 2),
        ("BF16", torch.ScalarType.BFloat16, 2), ("I64", torch.ScalarType.Int64, 8), ("I32", torch.ScalarType.Int32, 4),
        ("I16", torch.ScalarType.Int16, 2), ("I8", torch.ScalarType.Int8, 1), ("U8", torch.ScalarType.Byte, 1),
        ("BOOL", torch.ScalarType.Bool, 1),
    ];

    public static bool TryParse(string name, out torch.ScalarType type)
    {
        var index = Array.FindIndex(Types, known => known.Name == name);
        type = index < 0 ? default : Types[index].Type;
        return index >= 0;
    }

    public static bool IsKnown(torch.ScalarType type) => Array.Exists(Types, known => known.Type == type);

    public static string NameOf(torch.ScalarType type) => Array.Find(Types, known => known.Type == type).Name ?? type.ToString();

    public static int SizeOf(torch.ScalarType type) => Array.Find(Types, known => known.Type == type).Size;
}
