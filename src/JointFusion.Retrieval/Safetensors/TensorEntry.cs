using System.Collections.Immutable;
using TorchSharp;

namespace JointFusion.Retrieval;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Begin">First byte, from the end of the header.</param>
/// <param name="Bytes">Product of the shape times the element's size.</param>
public sealed record TensorEntry(string Name, torch.ScalarType Type, ImmutableArray<long> Shape, long Begin, long Bytes)
{
    public string ShapeText => Describe(Shape.AsSpan());

    internal static string Describe(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
