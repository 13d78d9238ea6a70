using TorchSharp;

namespace JointFusion.Retrieval;

/// <summary>A name that a pickle asks for. None is ever looked up: those of state dicts are known here, all others are refused.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    private static readonly Dictionary<string, torch.ScalarType> Storages = new(StringComparer.Ordinal)
    {
        ["torch.DoubleStorage"] = torch.ScalarType.Float64,
        ["torch.FloatStorage"] = torch.ScalarType.Float32,
        ["torch.HalfStorage"] = torch.ScalarType.Float16,
        ["torch.BFloat16Storage"] = torch.ScalarType.BFloat16,
        ["torch.LongStorage"] = torch.ScalarType.Int64,
        ["torch.IntStorage"] = torch.ScalarType.Int32,
        ["torch.ShortStorage"] = torch.ScalarType.Int16,
        ["torch.CharStorage"] = torch.ScalarType.Int8,
        ["torch.ByteStorage"] = torch.ScalarType.Byte,
        ["torch.BoolStorage"] = torch.ScalarType.Bool,
    };

    private static readonly HashSet<string> Callables =
        new(StringComparer.Ordinal) { "collections.OrderedDict", "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_parameter" };

    public string FullName => $"{Module}.{Name}";

    public bool IsKnown => Storages.ContainsKey(FullName) || Callables.Contains(FullName);

    /// <summary>Element type of a storage class.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public torch.ScalarType ElementType => Storages.TryGetValue(FullName, out var type) ? type : throw new FormatException($"'{FullName}' is no storage");

    /// <summary>What a call of it stands for.</summary>
    /// <exception cref="FormatException">It is no callable, or its arguments are not those that torch writes.</exception>
    public object Call(object?[] arguments) => (FullName, arguments) switch
    {
        ("collections.OrderedDict", []) => new Dictionary<object, object?>(),
        ("torch._utils._rebuild_parameter", [PickledTensor tensor, ..]) => tensor,
        ("torch._utils._rebuild_tensor_v2", [PickledStorage storage, long offset, object?[] shape, object?[] strides, ..]) when shape.Length == strides.Length =>
            new PickledTensor(storage, offset, [.. shape.Select(Size)], [.. strides.Select(Size)]),
        _ => throw new FormatException($"'{FullName}' is called with arguments that torch never writes"),
    };

    private static long Size(object? value) => value is long and >= 0 ? (long)value : throw new FormatException("a shape is not made of sizes");
}
