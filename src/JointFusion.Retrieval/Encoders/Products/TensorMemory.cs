using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace JointFusion.Retrieval;

internal static unsafe class TensorMemory
{
    /// <summary>The numbers themselves, at most 2 GiB, of a contiguous float32 tensor on the CPU; good as long as the tensor is.</summary>
    public static float* Of(Tensor tensor) => (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    /// <summary>Rows of the last dimension's length.</summary>
    public static Matrix<float> Rows(Tensor tensor) => new(Of(tensor), (nint)tensor.size(-1));
}
