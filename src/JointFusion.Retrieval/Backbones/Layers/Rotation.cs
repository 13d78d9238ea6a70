using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>Rotary positions (arXiv 2104.09864): the halves of a head's queries and keys are turned into each other by angles that grow with the position.</summary>
/// <param name="Cos_R1K">Of every head alike.</param>
/// <param name="Sin_R1K">In the first half with the other sign.</param>
internal sealed record Rotation(Tensor Cos_R1K, Tensor Sin_R1K)
{
    /// <summary>theta^(-i / count) for i of 0 to count - 1, float32 as in the reference.</summary>
    public static Tensor Frequencies(int count, double theta, Device device) =>
        tensor(Enumerable.Range(0, count).Select(i => (float)Math.Pow(theta, -(double)i / count)).ToArray()).Sent(device);

    /// <param name="angles_RF">F = K / 2.</param>
    /// <param name="type">Of the queries and keys; cosines are rounded to it.</param>
    public static Rotation By(Tensor angles_RF, ScalarType type)
    {
        var (cos_RF, sin_RF) = (angles_RF.cos().to(type), angles_RF.sin().to(type));
        return new Rotation(cat([cos_RF, cos_RF], -1).unsqueeze(1), cat([-sin_RF, sin_RF], -1).unsqueeze(1));
    }

    /// <param name="heads_RHK">Queries, keys, or the heads of both.</param>
    /// <returns>[R, H, K], in the wider type of theirs and the cosines'.</returns>
    public Tensor Apply(Tensor heads_RHK)
    {
        var wide_RHK = Cos_R1K.dtype == ScalarType.Float32 ? heads_RHK.Widened() : heads_RHK; // Of two types at once a GPU reads one number at a time.
        return (wide_RHK * Cos_R1K).AddScaled_(wide_RHK.roll(wide_RHK.size(-1) / 2, -1) * Sin_R1K, 1);
    }
}
