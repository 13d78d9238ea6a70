using System.Runtime.InteropServices;

namespace JointFusion.Benchmarks;

/// <summary>Memory as a worker's gradients have it: the C library's, which a worker's environment puts on huge pages.</summary>
internal sealed unsafe class NativeFloats(int count) : IDisposable
{
    private readonly void* memory = NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);

    public Span<float> Span => new(memory, count);

    public void Dispose() => NativeMemory.AlignedFree(memory);
}
