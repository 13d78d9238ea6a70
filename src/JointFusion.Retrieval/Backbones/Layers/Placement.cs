using TorchSharp.Modules;
using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>Of what type and where a backbone's parameters are.</summary>
/// <param name="Compute">What float32 parameters are rounded to where they are used; null: nothing.</param>
public sealed record Placement(ScalarType Type, Device Device, ScalarType? Compute = null)
{
    /// <summary>A parameter whose values are whatever lies in memory, to be filled from a checkpoint: drawing billions of numbers first would take minutes.</summary>
    internal Parameter Unfilled(params long[] shape) => new(empty(shape, Type, Device), true);
}
