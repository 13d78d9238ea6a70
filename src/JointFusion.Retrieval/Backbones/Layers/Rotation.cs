using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>Rotary positions (arXiv 2104.09864): the halves of a head's queries and keys are turned into each other by angles that grow with the position.</summary>
/// <param name="Cos_R1F">Of every head alike; F = K / 2.</param>
internal sealed record Rotation(Tensor Cos_R1F, Tensor Sin_R1F)
{
    /// <summary>theta^(-i / count) for i of 0 to count - 1, float32 as in the reference.</summary>
    public static Tensor Frequencies(int count, double theta, Device device) =>
        tensor(Enumerable.Range(0, count).Select(i => (float)Math.Pow(theta, -(double)i / count)).ToArray()).Sent(device);

    /// <param name="angles_RF">F = K / 2.</param>
    /// <param name="type">Of the queries and keys; cosines are rounded to it.</param>
    public static Rotation By(Tensor angles_RF, ScalarType type)
    {
        var angles_R1F = angles_RF.unsqueeze(1);
        return new Rotation(angles_R1F.cos().to(type), angles_R1F.sin().to(type));
    }

    /// <param name="heads_RHK">Queries, keys, or the heads of both. In another type than the cosines it costs a GPU twice the time.</param>
    public Tensor Apply(Tensor heads_RHK)
    {
        var halves_RHF = heads_RHK.chunk(2, -1);
        return cat([
            (halves_RHF[0] * Cos_R1F).AddProduct_(halves_RHF[1], Sin_R1F, -1),
            (halves_RHF[1] * Cos_R1F).AddProduct_(halves_RHF[0], Sin_R1F, 1),
        ], -1);
    }
}
