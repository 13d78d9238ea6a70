using System.Runtime.InteropServices;

namespace JointFusion.Training;

/// <summary>The functions of the CUDA driver's C API that a group uses, under their own names; see cuda.h. All return a CUresult.</summary>
/// <remarks>
/// The driver and not the runtime: libcuda.so.1 comes with every NVIDIA driver under this one name, while the runtime that libtorch
/// carries has a name of its own in each version. Both work in the device's primary context, so memory and streams are the same ones.
/// </remarks>
internal sealed unsafe class CudaApi
{
    private const int Success = 0;
    private const int NotReady = 600;

    public readonly delegate* unmanaged<uint, int> Init;
    public readonly delegate* unmanaged<int*, int, int> DeviceGet;
    public readonly delegate* unmanaged<nint*, int, int> DevicePrimaryCtxRetain;
    public readonly delegate* unmanaged<int, int> DevicePrimaryCtxRelease;
    public readonly delegate* unmanaged<nint, int> CtxSetCurrent;
    public readonly delegate* unmanaged<nint*, uint, int> StreamCreate;
    public readonly delegate* unmanaged<nint, int> StreamDestroy;
    public readonly delegate* unmanaged<nint*, nuint, int> MemAlloc;
    public readonly delegate* unmanaged<nint, int> MemFree;

    /// <summary>device address, CPU address, bytes, stream.</summary>
    public readonly delegate* unmanaged<nint, void*, nuint, nint, int> MemcpyHtoDAsync;

    /// <summary>CPU address, device address, bytes, stream. From pageable memory it returns only when all is done that the stream had before.</summary>
    public readonly delegate* unmanaged<void*, nint, nuint, nint, int> MemcpyDtoHAsync;

    private readonly delegate* unmanaged<nint, int> streamQuery;
    private readonly delegate* unmanaged<int, nint*, int> getErrorString;

    public CudaApi(SharedLibrary library)
    {
        Init = (delegate* unmanaged<uint, int>)library.Symbol("cuInit");
        DeviceGet = (delegate* unmanaged<int*, int, int>)library.Symbol("cuDeviceGet");
        DevicePrimaryCtxRetain = (delegate* unmanaged<nint*, int, int>)library.Symbol("cuDevicePrimaryCtxRetain");
        DevicePrimaryCtxRelease = (delegate* unmanaged<int, int>)library.Symbol("cuDevicePrimaryCtxRelease_v2");
        CtxSetCurrent = (delegate* unmanaged<nint, int>)library.Symbol("cuCtxSetCurrent");
        StreamCreate = (delegate* unmanaged<nint*, uint, int>)library.Symbol("cuStreamCreate");
        StreamDestroy = (delegate* unmanaged<nint, int>)library.Symbol("cuStreamDestroy_v2");
        MemAlloc = (delegate* unmanaged<nint*, nuint, int>)library.Symbol("cuMemAlloc_v2");
        MemFree = (delegate* unmanaged<nint, int>)library.Symbol("cuMemFree_v2");
        MemcpyHtoDAsync = (delegate* unmanaged<nint, void*, nuint, nint, int>)library.Symbol("cuMemcpyHtoDAsync_v2");
        MemcpyDtoHAsync = (delegate* unmanaged<void*, nint, nuint, nint, int>)library.Symbol("cuMemcpyDtoHAsync_v2");
        streamQuery = (delegate* unmanaged<nint, int>)library.Symbol("cuStreamQuery");
        getErrorString = (delegate* unmanaged<int, nint*, int>)library.Symbol("cuGetErrorString");
    }

    /// <summary>Whether all that was given to the stream is done.</summary>
    /// <exception cref="NcclException">Something of it failed.</exception>
    public bool IsIdle(nint stream)
    {
        var result = streamQuery(stream);
        if (result == NotReady) return false;
        Check(result, "cuStreamQuery");
        return true;
    }

    /// <exception cref="NcclException">It is not a success.</exception>
    public void Check(int result, string function)
    {
        if (result == Success) return;
        nint text = 0;
        getErrorString(result, &text);
        throw new NcclException(NcclResult.UnhandledCudaError, $"{function}: {(text == 0 ? "unknown error" : Marshal.PtrToStringUTF8(text))} ({result})");
    }
}
