namespace JointFusion.Training;

/// <summary>libnccl and the CUDA driver, loaded.</summary>
public sealed class NcclLibrary
{
    /// <summary>Environment variable: path of libnccl, in place of what the dynamic linker finds as libnccl.so.2.</summary>
    public const string NcclPathVariable = "JF_NCCL";

    /// <summary>Environment variable: path of the CUDA driver, in place of what the dynamic linker finds as libcuda.so.1.</summary>
    public const string CudaPathVariable = "JF_CUDA";

    private NcclLibrary(NcclApi nccl, CudaApi cuda)
    {
        Nccl = nccl;
        Cuda = cuda;
    }

    internal NcclApi Nccl { get; }
    internal CudaApi Cuda { get; }

    /// <param name="ncclPath">Null: <see cref="NcclPathVariable"/>, else libnccl.so.2.</param>
    /// <param name="cudaPath">Null: <see cref="CudaPathVariable"/>, else libcuda.so.1.</param>
    /// <exception cref="DeviceException">One of them is not there, or too old; says the way out.</exception>
    public static NcclLibrary Load(string? ncclPath = null, string? cudaPath = null) => new(
        new NcclApi(SharedLibrary.Open("libnccl.so.2", NcclPathVariable, "Install NCCL 2.14 or newer for this driver's CUDA version", ncclPath)),
        new CudaApi(SharedLibrary.Open("libcuda.so.1", CudaPathVariable, "Install the NVIDIA driver", cudaPath)));
}
