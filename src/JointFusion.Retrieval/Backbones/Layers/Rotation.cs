using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>Rotary positions (arXiv 2104.09864): the halves of a head's queries and keys are turned into each other by angles that grow with the position.</summary>
/// <param name="Cos">Broadcasts to [N, H, S, K].</param>
internal sealed record Rotation(Tensor Cos, Tensor Sin)
{
    /// <summary>theta^(-i / count) for i of 0 to count - 1, float32 as in the reference.</summary>
    public static Tensor Frequencies(int count, double theta, Device device) =>
        tensor(Enumerable.Range(0, count).Select(i => (float)Math.Pow(theta, -(double)i / count)).ToArray(), device: device);

    /// <param name="angles_NSF">F = K / 2.</param>
    /// <param name="type">Of the queries and keys; cosines are rounded to it.</param>
    public static Rotation By(Tensor angles_NSF, ScalarType type)
    {
        var both_N1SK = cat([angles_NSF, angles_NSF], -1).unsqueeze(1);
        return new Rotation(both_N1SK.cos().to(type), both_N1SK.sin().to(type));
    }

    /// <param name="heads_NHSK">Queries or keys.</param>
    public Tensor Apply(Tensor heads_NHSK)
    {
        var halves = heads_NHSK.chunk(2, -1);
        return (heads_NHSK * Cos).Plus(cat([-halves[1], halves[0]], -1) * Sin);
    }
}
