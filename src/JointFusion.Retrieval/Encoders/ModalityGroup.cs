using JointFusion.Data;
using JointFusion.Experiments;
using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>The items of a batch that hold the same modalities, as many patches and texts of about one length, padded within the group only: a batch never computes on parts that no item has.</summary>
/// <remarks>N items of the group, T the longest text, P patches of each picture, X = 3 * patch size squared.</remarks>
/// <param name="Rows">Of each item in the whole batch.</param>
/// <param name="Tokens_NT">Int64, 0 where padded; null for a group without text.</param>
/// <param name="TextPresent_NT">False where padded; null if nothing is.</param>
/// <param name="Patches_NPX">Normalised pixels; null for a group without pictures.</param>
public sealed record ModalityGroup(
    int[] Rows, Tensor? Tokens_NT, Tensor? TextPresent_NT, Tensor? Patches_NPX)
{
    /// <summary>The N texts themselves, of their own lengths, in CPU memory: for those who put other tokens around them. Empty where there is none.</summary>
    public required IReadOnlyList<ReadOnlyMemory<int>> Texts { get; init; }

    private const double White = 255;

    public int Count => Rows.Length;

    /// <summary>Items with text or picture alone, or both, of each length of text. An item with neither is an error.</summary>
    /// <param name="lengthStep">Texts are padded to a multiple of so many tokens; 1: not at all. Null: as suits the device.</param>
    public static IReadOnlyList<ModalityGroup> Split(ItemBatch items, PixelScale pixels, ScalarType type, Device device, int? lengthStep = null)
    {
        var step = lengthStep ?? Attention.LengthStep(device);
        return [.. Enumerable.Range(0, items.Count)
            .GroupBy(item => (Text: (items.TextLength(item) + step - 1) / step, Patches: items.PatchCount(item)))
            .OrderBy(group => group.Key)
            .Select(group => group.Key is (0, 0)
                ? throw new ArgumentException($"Item {group.First()} of the batch has neither text nor picture.")
                : Build(items, [.. group], pixels, type, device))];
    }

    private static ModalityGroup Build(ItemBatch items, int[] rows, PixelScale pixels, ScalarType type, Device device)
    {
        var (tokens, textPresent) = PadTokens(items, rows, device);
        return new ModalityGroup(rows, tokens, textPresent, Patches(items, rows, pixels, type, device))
        {
            Texts = [.. rows.Select(row => new ReadOnlyMemory<int>(items.Tokens, items.TextOffsets[row], items.TextLength(row)))],
        };
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

    private static Tensor? Patches(ItemBatch items, int[] rows, PixelScale pixels, ScalarType type, Device device)
    {
        var count = items.PatchCount(rows[0]);
        if (count == 0)
            return null;
        var bytesAnItem = count * items.PatchBytes;
        var joined = new byte[rows.Length * bytesAnItem];
        for (var n = 0; n < rows.Length; n++)
            items.Patches.AsSpan(items.PatchOffsets[rows[n]] * items.PatchBytes, bytesAnItem).CopyTo(joined.AsSpan(n * bytesAnItem));
        // frombuffer shares the array; the conversion makes the copy that outlives it.
        using var bytes = frombuffer(joined, ScalarType.Byte).view(rows.Length, count, items.PatchBytes);
        return bytes.to(type, device).Shift_(-White * pixels.Mean).Scale_(1 / (White * pixels.Std));
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
