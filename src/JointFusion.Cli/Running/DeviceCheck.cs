using JointFusion.Experiments;
using JointFusion.Training;

namespace JointFusion.Cli;

/// <summary>Refuses a device that is not there before anything is created. Loads libtorch only if a plan asks for CUDA.</summary>
public static class DeviceCheck
{
    /// <exception cref="BadInputException">A plan asks for CUDA and there is no GPU.</exception>
    public static void Require(IEnumerable<RunPlan> plans)
    {
        try
        {
            if (plans.Any(plan => plan.Resources.Device == Device.Cuda))
                TrainingDevice.Of(Device.Cuda, rank: 0);
        }
        catch (DeviceException absent)
        {
            throw new BadInputException(absent.Message);
        }
    }
}
