using TorchSharp;
using Device = JointFusion.Experiments.Device;

namespace JointFusion.Training;

/// <summary>The torch device of a plan.</summary>
public static class TrainingDevice
{
    /// <param name="rank">Picks among the GPUs that this process sees: in a worker of an agent, the one of its slot.</param>
    /// <exception cref="DeviceException">CUDA was asked for and is not there.</exception>
    public static torch.Device Of(Device device, int rank)
    {
        if (device == Device.Cpu)
            return torch.CPU;
        if (!torch.cuda.is_available())
        {
            throw new DeviceException(
                "resources.device: cuda, but libtorch sees no GPU. Set device: cpu, or build with -p:Torch=cuda on a machine with an NVIDIA driver.");
        }
        torch.backends.cudnn.allow_tf32 = false; // fp32 is IEEE's, in convolutions too; in other products libtorch has it so.
        return torch.device(DeviceType.CUDA, rank % torch.cuda.device_count());
    }

    /// <exception cref="DeviceException">This machine has fewer GPUs than workers, and NCCL takes no two workers on one.</exception>
    public static void RequireOneEach(int workers)
    {
        if (torch.cuda.device_count() is var devices && devices < workers)
        {
            throw new DeviceException(
                $"resources.transport: nccl needs a GPU a worker, but there are {devices} for {workers} workers. Set fewer workers, or transport: shared_memory.");
        }
    }
}

/// <summary>The device that a spec asks for is not to be had here.</summary>
public sealed class DeviceException(string message) : Exception(message);
