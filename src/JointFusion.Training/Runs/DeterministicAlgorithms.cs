using System.Runtime.InteropServices;

namespace JointFusion.Training;

/// <summary>libtorch's switch to GPU algorithms that add in one order, so that a run there can be repeated to the bit.</summary>
/// <remarks>
/// torch.use_deterministic_algorithms, which TorchSharp does not pass on: what it calls in libtorch is a C++ function whose name, as exported, has
/// been the same since it got its second argument. Where an operation has no such algorithm libtorch throws; the tests on a GPU meet none.
/// cuBLAS has to be told too, by CUBLAS_WORKSPACE_CONFIG in the environment.
/// </remarks>
public static unsafe class DeterministicAlgorithms
{
    /// <summary>For this process, from here on. Call it once libtorch is loaded.</summary>
    /// <returns>False if this libtorch does not have it.</returns>
    public static bool TryRequire()
    {
        if (!NativeLibrary.TryLoad("torch_cpu", typeof(DeterministicAlgorithms).Assembly, null, out var libtorch)
            || !NativeLibrary.TryGetExport(libtorch, "_ZN2at13globalContextEv", out var globalContext)
            || !NativeLibrary.TryGetExport(libtorch, "_ZN2at7Context26setDeterministicAlgorithmsEbb", out var setAlgorithms)
            || !NativeLibrary.TryGetExport(libtorch, "_ZN2at7Context39setDeterministicFillUninitializedMemoryEb", out var setFill))
        {
            return false;
        }
        var context = ((delegate* unmanaged<nint>)globalContext)();
        ((delegate* unmanaged<nint, byte, byte, void>)setAlgorithms)(context, 1, 0); // not only a warning
        ((delegate* unmanaged<nint, byte, void>)setFill)(context, 0); // what is read before it is written would be a defect, not a matter of order
        return true;
    }
}
