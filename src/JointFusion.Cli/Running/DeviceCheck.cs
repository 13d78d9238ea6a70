using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>Refuses devices that are not there, and NCCL where it is not, before anything is created. Loads libtorch only if a plan asks for CUDA.</summary>
public static class DeviceCheck
{
    /// <exception cref="BadInputException">A plan asks for CUDA and there is no GPU, or for NCCL and there is no such library or not a GPU a worker.</exception>
    public static void Require(IReadOnlyCollection<RunPlan> plans)
    {
        try
        {
            if (plans.Any(plan => plan.Resources.Device == Device.Cuda))
                TrainingDevice.Of(Device.Cuda, rank: 0);
            foreach (var plan in plans.Where(plan => plan.Resources.Transport == Transport.Nccl))
            {
                NcclLibrary.Load();
                TrainingDevice.RequireOneEach(plan.Resources.FewestWorkers);
            }
        }
        catch (DeviceException absent)
        {
            throw new BadInputException(absent.Message);
        }
    }
}
