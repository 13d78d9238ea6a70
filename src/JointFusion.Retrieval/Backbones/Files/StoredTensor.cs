using System.Collections.Immutable;
using TorchSharp;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>A tensor of a checkpoint folder, still in its file.</summary>
/// <param name="Offset">Of its first element in the file, in bytes.</param>
/// <param name="Strides">In elements; null: row by row.</param>
internal sealed unsafe record StoredTensor(string Name, ScalarType Type, ImmutableArray<long> Shape, MappedFile File, long Offset, ImmutableArray<long>? Strides = null)
{
    /// <summary>What is converted at a time, in elements.</summary>
    private const int Chunk = 1 << 20;

    public string ShapeText => TensorEntry.Describe(Shape.AsSpan());

    private int ElementSize => SafetensorsTypes.SizeOf(Type);

    /// <summary>Elements from the first to the last, gaps of strides included.</summary>
    private long Extent => Strides is { } strides
        ? Shape.Contains(0) ? 0 : 1 + Shape.Zip(strides, (size, stride) => (size - 1) * stride).Sum()
        : Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Fills a tensor of the same shape, converting to its type on the way; beside it at most a chunk is in memory.</summary>
    /// <exception cref="CheckpointException">The file ends before the tensor does.</exception>
    public void CopyTo(Tensor target)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var source = File.At(Offset, checked(Extent * ElementSize));
        if (Strides is { } strides)
            target.copy_(Staged(source, Extent).as_strided(Shape.ToArray(), strides.ToArray()));
        else if (target.dtype == Type && target.device_type == DeviceType.CPU && target.is_contiguous())
            Buffer.MemoryCopy(source, (void*)TensorImage.Over(new NamedTensor(Name, target.detach())).Address, Extent * ElementSize, Extent * ElementSize);
        else
            Convert(source, target.detach().view(-1));
    }

    private void Convert(byte* source, Tensor flat)
    {
        for (long done = 0, count; done < Extent; done += count)
        {
            using var scope = NewDisposeScope();
            count = Math.Min(Chunk, Extent - done);
            flat.narrow(0, done, count).copy_(Staged(source + (done * ElementSize), count));
        }
    }

    private Tensor Staged(byte* source, long elements)
    {
        var staged = empty(elements, Type);
        if (elements > 0)
            Buffer.MemoryCopy(source, (void*)TensorImage.Over(new NamedTensor(Name, staged)).Address, elements * ElementSize, elements * ElementSize);
        return staged;
    }
}
