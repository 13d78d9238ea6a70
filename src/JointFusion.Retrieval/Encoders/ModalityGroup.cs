using JointFusion.Data;
using JointFusion.Experiments;
using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>The items of a batch that hold the same modalities, padded within the group only: a batch never computes on parts that no item has.</summary>
/// <remarks>N items of the group, T the longest text, P the most patches, X = 3 * patch size squared.</remarks>
/// <param name="Rows">Of each item in the whole batch.</param>
/// <param name="Tokens_NT">Int64, 0 where padded; null for a group without text.</param>
/// <param name="TextPresent_NT">False where padded; null if nothing is.</param>
/// <param name="Patches_NPX">Normalised pixels; null for a group without pictures.</param>
/// <param name="PatchPresent_NP">False where padded; null if nothing is.</param>
public sealed record ModalityGroup(
    int[] Rows, Tensor? Tokens_NT, Tensor? TextPresent_NT, Tensor? Patches_NPX, Tensor? PatchPresent_NP)
{
    private const double White = 255;

    public int Count => Rows.Length;

    /// <summary>At most three groups: picture alone, text alone, both. An item with neither is an error.</summary>
    public static IReadOnlyList<ModalityGroup> Split(ItemBatch items, PixelScale pixels, ScalarType type, Device device)
    {
        return [.. Enumerable.Range(0, items.Count)
            .GroupBy(item => (Text: items.TextLength(item) > 0, Picture: items.PatchCount(item) > 0))
            .OrderBy(group => group.Key)
            .Select(group => group.Key is (false, false)
                ? throw new ArgumentException($"Item {group.First()} of the batch has neither text nor picture.")
                : Build(items, [.. group], pixels, type, device))];
    }

    private static ModalityGroup Build(ItemBatch items, int[] rows, PixelScale pixels, ScalarType type, Device device)
    {
        var (tokens, textPresent) = PadTokens(items, rows, device);
        var (patches, patchPresent) = PadPatches(items, rows, pixels, type, device);
        return new ModalityGroup(rows, tokens, textPresent, patches, patchPresent);
    }

    private static (Tensor?, Tensor?) PadTokens(ItemBatch items, int[] rows, Device device)
    {
        var lengths = rows.Select(items.TextLength).ToArray();
        var longest = lengths.Max();
        if (longest == 0)
            return (null, null);
        var padded = new long[rows.Length * longest];
        for (var n = 0; n < rows.Length; n++)
            for (var t = 0; t < lengths[n]; t++)
                padded[n * longest + t] = items.Tokens[items.TextOffsets[rows[n]] + t];
        return (tensor(padded, [rows.Length, longest], device: device), Present(lengths, longest, device));
    }

    private static (Tensor?, Tensor?) PadPatches(ItemBatch items, int[] rows, PixelScale pixels, ScalarType type, Device device)
    {
        var counts = rows.Select(items.PatchCount).ToArray();
        var most = counts.Max();
        if (most == 0)
            return (null, null);
        var padded = new byte[rows.Length * most * items.PatchBytes];
        for (var n = 0; n < rows.Length; n++)
        {
            items.Patches
                .AsSpan(items.PatchOffsets[rows[n]] * items.PatchBytes, counts[n] * items.PatchBytes)
                .CopyTo(padded.AsSpan(n * most * items.PatchBytes));
        }
        // frombuffer shares the array; the conversion makes the copy that outlives it.
        using var bytes = frombuffer(padded, ScalarType.Byte).view(rows.Length, most, items.PatchBytes);
        var patches = bytes.to(type, device).Shift_(-White * pixels.Mean).Scale_(1 / (White * pixels.Std));
        return (patches, Present(counts, most, device));
    }

    private static Tensor? Present(int[] lengths, int longest, Device device)
    {
        if (lengths.All(length => length == longest))
            return null;
        var present = new bool[lengths.Length * longest];
        for (var n = 0; n < lengths.Length; n++)
            Array.Fill(present, true, n * longest, lengths[n]);
        return tensor(present, [lengths.Length, longest], device: device);
    }
}
