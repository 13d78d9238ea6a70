using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace JointFusion.Retrieval;

/// <summary>Memory for intermediate numbers, kept from one use to the next. For one thread.</summary>
internal sealed unsafe class PinnedScratch<T>
    where T : unmanaged
{
    private T[] numbers = [];

    /// <returns>Good until the next call; holds whatever was left there.</returns>
    public T* AtLeast(int count)
    {
        if (numbers.Length < count)
            numbers = GC.AllocateUninitializedArray<T>(count, pinned: true);
        return (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(numbers));
    }
}
