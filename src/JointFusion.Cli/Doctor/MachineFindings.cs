using JointFusion.Training;
using TorchSharp;

namespace JointFusion.Cli;

/// <summary>What computes.</summary>
internal static class MachineFindings
{
    public static Finding Cores() => Environment.ProcessorCount > 1
        ? Finding.Ok("cores", $"{Environment.ProcessorCount}")
        : Finding.Warn("cores", "1: workers share it with agent and server", "give the machine more, or one worker alone");

    /// <summary>Loads it, for which nothing else in the doctor has a need.</summary>
    public static Finding Torch()
    {
        try
        {
            using var one = torch.ones(1);
            return one.item<float>() == 1f
                ? Finding.Ok("libtorch", $"loads, and adds: build {WorkerBinary.Own.Hash} of jf {WorkerBinary.Own.Version}")
                : Finding.Fail("libtorch", "1 is not 1 there", "restore and build again");
        }
        catch (Exception absent) when (absent is DllNotFoundException or TypeInitializationException or NotSupportedException or EntryPointNotFoundException)
        {
            var cause = absent.InnerException ?? absent;
            return Finding.Fail("libtorch", $"does not load: {cause.Message.Split('\n')[0]}", "build for this system; with -p:Torch=external set LD_LIBRARY_PATH to the installed PyTorch's folders (docs/gpu.md)");
        }
    }

    public static Finding Gpus()
    {
        var cards = NvidiaDevices.Count();
        if (cards == 0)
            return Finding.Ok("GPUs", "none: device: cpu");
        try
        {
            TrainingDevice.Of(Experiments.Device.Cuda, rank: 0);
            return Finding.Ok("GPUs", $"{cards}, and libtorch sees them");
        }
        catch (DeviceException unseen)
        {
            return Finding.Warn("GPUs", $"{cards}, and libtorch cannot use them: {unseen.Message}", "build with -p:Torch=cuda or -p:Torch=external (docs/gpu.md)");
        }
    }
}
