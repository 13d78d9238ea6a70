using System.Runtime.InteropServices;
using JointFusion.Retrieval;
using static TorchSharp.torch;

namespace JointFusion.Training;

/// <summary>One block of native memory, kept from save to save, into which tensors are copied while training stands still.</summary>
internal sealed unsafe class SnapshotBuffer : IDisposable
{
    private const int Alignment = 64;
    private byte* block;
    private long capacity;

    /// <summary>Copies every tensor; the images are valid until the next copy.</summary>
    public (TensorImage[] Weights, TensorImage[] Optimizer) Copy(IReadOnlyList<NamedTensor> weights, IReadOnlyList<NamedTensor> optimizer)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        TensorImage[] sources = [.. weights.Concat(optimizer).Select(named => TensorImage.Over(named with { Tensor = InCpuMemory(named.Tensor) }))];
        Reserve(sources.Sum(source => Aligned(source.Bytes)));
        var end = block;
        for (var i = 0; i < sources.Length; i++)
        {
            Buffer.MemoryCopy((void*)sources[i].Address, end, sources[i].Bytes, sources[i].Bytes);
            sources[i] = sources[i] with { Address = (nint)end };
            end += Aligned(sources[i].Bytes);
        }
        return (sources[..weights.Count], sources[weights.Count..]);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(block);
        block = null;
        capacity = 0;
    }

    private static Tensor InCpuMemory(Tensor tensor) => tensor.detach().cpu().contiguous();

    private static long Aligned(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    private void Reserve(long bytes)
    {
        if (bytes <= capacity) return;
        Dispose();
        block = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, Alignment);
        capacity = bytes;
    }
}
