using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>A tensor's name, type and shape with the address of its elements, row by row: all that a writer needs, and no tensor.</summary>
/// <remarks>
/// Threads other than the training thread handle these alone, as dispose scopes are per thread. Whoever made one keeps its memory alive.
/// </remarks>
public sealed unsafe record TensorImage(string Name, ScalarType Type, ImmutableArray<long> Shape, nint Address, long Bytes)
{
    /// <summary>An image over the tensor's own memory.</summary>
    /// <exception cref="ArgumentException">The tensor is not contiguous in CPU memory, or its type has no name in the format.</exception>
    public static TensorImage Over(NamedTensor named)
    {
        var (name, tensor) = named;
        if (!SafetensorsTypes.IsKnown(tensor.dtype)) throw new ArgumentException($"Tensor '{name}' is {tensor.dtype}, which safetensors has no name for.");
        if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            throw new ArgumentException($"Tensor '{name}' is not contiguous in CPU memory.");
        var bytes = tensor.numel() * SafetensorsTypes.SizeOf(tensor.dtype);
        return new TensorImage(name, tensor.dtype, [.. tensor.shape], bytes == 0 ? 0 : AddressOf(tensor), bytes);
    }

    public void WriteTo(Stream stream)
    {
        const int LargestWrite = 4 << 20;
        for (var done = 0L; done < Bytes; done += LargestWrite)
            stream.Write(new ReadOnlySpan<byte>((byte*)Address + done, (int)Math.Min(LargestWrite, Bytes - done)));
    }

    /// <summary>Over the first element alone: a span over the whole tensor ends at 2 GB.</summary>
    private static nint AddressOf(Tensor tensor)
    {
        using var flat = tensor.view(-1);
        using var first = flat.narrow(0, 0, 1);
        return (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }
}
