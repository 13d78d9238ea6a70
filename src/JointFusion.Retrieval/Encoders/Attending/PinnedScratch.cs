using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace JointFusion.Retrieval;

/// <summary>Memory for intermediate numbers, kept from one use to the next. For one thread.</summary>
internal sealed unsafe class PinnedScratch<T>
    where T : unmanaged
{
    /// <summary>Of the cache's lines, in bytes: vectors as long must not lie across two.</summary>
    private const int Alignment = 64;

    private T[] numbers = [];

    /// <returns>At a line's start; good until the next call; holds whatever was left there.</returns>
    public T* AtLeast(int count)
    {
        if (numbers.Length < count + (Alignment / sizeof(T)))
            numbers = GC.AllocateUninitializedArray<T>(count + (Alignment / sizeof(T)), pinned: true);
        var first = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(numbers));
        return (T*)((first + Alignment - 1) / Alignment * Alignment);
    }
}
