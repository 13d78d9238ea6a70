namespace JointFusion.Training;

/// <summary>A rank's device as its collectives need it: one stream, and memory where what lies on the CPU is staged.</summary>
/// <remarks>
/// The stream waits for the legacy default stream and that one for it (CU_STREAM_DEFAULT). libtorch works on the default stream, so what
/// has computed a tensor is done before a collective reads it. From any thread, one at a time.
/// </remarks>
internal sealed unsafe class CudaDevice : IDisposable
{
    private const uint OrderedWithDefaultStream = 0;

    private readonly CudaApi api;
    private readonly int device;
    private readonly nint context;
    private readonly nint stream;
    private nint staging;
    private nuint stagingBytes;

    /// <param name="ordinal">As in cuda:N.</param>
    /// <exception cref="NcclException">There is no such device.</exception>
    public CudaDevice(CudaApi api, int ordinal)
    {
        this.api = api;
        api.Check(api.Init(0), "cuInit");
        int found;
        api.Check(api.DeviceGet(&found, ordinal), $"cuDeviceGet({ordinal})");
        device = found;
        nint handle;
        api.Check(api.DevicePrimaryCtxRetain(&handle, device), "cuDevicePrimaryCtxRetain");
        context = handle;
        MakeCurrent();
        api.Check(api.StreamCreate(&handle, OrderedWithDefaultStream), "cuStreamCreate");
        stream = handle;
    }

    public nint Stream => stream;

    /// <summary>Whether the stream has done all it was given.</summary>
    public bool IsIdle => api.IsIdle(stream);

    /// <summary>The calling thread's CUDA and NCCL calls from here on mean this device.</summary>
    public void MakeCurrent() => api.Check(api.CtxSetCurrent(context), "cuCtxSetCurrent");

    /// <summary>Device memory for so many elements; valid until the next call.</summary>
    public DeviceSpan<T> Stage<T>(int length) where T : unmanaged
    {
        var bytes = (nuint)length * (nuint)sizeof(T);
        if (bytes > stagingBytes)
        {
            FreeStaging();
            nint address;
            api.Check(api.MemAlloc(&address, bytes), $"cuMemAlloc of {bytes} bytes");
            (staging, stagingBytes) = (address, bytes);
        }
        return new DeviceSpan<T>(staging, length);
    }

    public void Upload<T>(ReadOnlySpan<T> source, DeviceSpan<T> target) where T : unmanaged
    {
        if (source.IsEmpty) return;
        fixed (T* from = source)
            api.Check(api.MemcpyHtoDAsync(target.Address, from, (nuint)source.Length * (nuint)sizeof(T), stream), "cuMemcpyHtoDAsync");
    }

    /// <summary>Only once the stream is idle: else it waits for what the stream has to do, without an end.</summary>
    public void Download<T>(DeviceSpan<T> source, Span<T> target) where T : unmanaged
    {
        if (target.IsEmpty) return;
        fixed (T* to = target)
            api.Check(api.MemcpyDtoHAsync(to, source.Address, (nuint)target.Length * (nuint)sizeof(T), stream), "cuMemcpyDtoHAsync");
    }

    public void Dispose()
    {
        api.CtxSetCurrent(context);
        FreeStaging();
        api.StreamDestroy(stream);
        api.DevicePrimaryCtxRelease(device);
    }

    private void FreeStaging()
    {
        if (staging != 0) api.MemFree(staging);
        (staging, stagingBytes) = (0, 0);
    }
}
