using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>Rotary positions (arXiv 2104.09864): the halves of a head's queries and keys are turned into each other by angles that grow with the position.</summary>
/// <param name="Cos">[R, K], of every head alike.</param>
internal sealed record Rotation(Tensor Cos, Tensor Sin)
{
    /// <summary>theta^(-i / count) for i of 0 to count - 1, float32 as in the reference.</summary>
    public static Tensor Frequencies(int count, double theta, Device device) =>
        tensor(Enumerable.Range(0, count).Select(i => (float)Math.Pow(theta, -(double)i / count)).ToArray(), device: device);

    /// <param name="angles_RF">F = K / 2.</param>
    /// <param name="type">Of the queries and keys; cosines are rounded to it.</param>
    public static Rotation By(Tensor angles_RF, ScalarType type)
    {
        var both_RK = cat([angles_RF, angles_RF], -1);
        return new Rotation(both_RK.cos().to(type), both_RK.sin().to(type));
    }

    /// <param name="heads_HRK">Queries or keys.</param>
    public Tensor Apply(Tensor heads_HRK)
    {
        var halves = heads_HRK.chunk(2, -1);
        return (heads_HRK * Cos).Plus(cat([-halves[1], halves[0]], -1) * Sin);
    }
}
