using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>Sequences of tokens, padded at their ends to one length.</summary>
/// <param name="Ids_NS">Int64.</param>
/// <param name="Present_NS">False where padded; null if nothing is.</param>
internal sealed record PaddedTokens(Tensor Ids_NS, Tensor? Present_NS)
{
    /// <param name="length">Null: that of the longest.</param>
    /// <exception cref="ArgumentException">A sequence is longer than <paramref name="length"/>.</exception>
    public static PaddedTokens Of(IReadOnlyList<long[]> sequences, Device device, long pad = 0, int? length = null)
    {
        var longest = sequences.Max(sequence => sequence.Length);
        var padded = length ?? longest;
        if (longest > padded)
            throw new ArgumentException($"A text of {longest} tokens; there is place for {padded}.");
        var ids = new long[sequences.Count * padded];
        var present = new bool[ids.Length];
        Array.Fill(ids, pad);
        for (var n = 0; n < sequences.Count; n++)
        {
            sequences[n].CopyTo(ids, n * padded);
            Array.Fill(present, true, n * padded, sequences[n].Length);
        }
        return new PaddedTokens(
            tensor(ids, [sequences.Count, padded], device: device),
            Array.TrueForAll(present, value => value) ? null : tensor(present, [sequences.Count, padded], device: device));
    }
}
