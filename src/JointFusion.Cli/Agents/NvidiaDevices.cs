namespace JointFusion.Cli;

/// <summary>The GPUs that the NVIDIA driver shows, without loading libtorch.</summary>
internal static class NvidiaDevices
{
    private const string Driver = "/proc/driver/nvidia/gpus";

    public static int Count() => Directory.Exists(Driver) ? Directory.GetDirectories(Driver).Length : 0;
}
