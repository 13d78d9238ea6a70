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
        Array.Fill(ids, pad);
        for (var n = 0; n < sequences.Count; n++)
            sequences[n].CopyTo(ids, n * padded);
        return new PaddedTokens(
            tensor(ids, [sequences.Count, padded]).Sent(device), Marks_NS([.. sequences.Select(sequence => sequence.Length)], padded, device));
    }

    /// <returns>Bool: false behind the end of each; null if all are as long as <paramref name="padded"/>.</returns>
    public static Tensor? Marks_NS(int[] lengths, int padded, Device device)
    {
        if (Array.TrueForAll(lengths, length => length == padded))
            return null;
        var present = new bool[lengths.Length * padded];
        for (var n = 0; n < lengths.Length; n++)
            Array.Fill(present, true, n * padded, lengths[n]);
        return tensor(present, [lengths.Length, padded]).Sent(device);
    }
}
