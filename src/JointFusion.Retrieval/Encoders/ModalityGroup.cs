using JointFusion.Data;
using JointFusion.Experiments;
using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace JointFusion.Retrieval;

/// <summary>The items of a batch that hold the same modalities, pictures of one size and texts of about one length, padded within the group only: a batch never computes on parts that no item has.</summary>
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

    /// <summary>Patches in a row of each picture; 0 for a group without pictures.</summary>
    public int Columns { get; init; }

    private const double White = 255;

    public int Count => Rows.Length;

    /// <summary>Items with text or picture alone, or both, of each length of text. An item with neither is an error.</summary>
    /// <param name="batches">Their items count one after the other.</param>
    /// <param name="lengthStep">Texts are padded to a multiple of so many tokens; 1: not at all. Null: as suits the device.</param>
    public static IReadOnlyList<ModalityGroup> Split(
        IReadOnlyList<ItemBatch> batches, PixelScale pixels, ScalarType type, Device device, int? lengthStep = null)
    {
        var step = lengthStep ?? Attention.LengthStep(device);
        ItemPlace[] places = [.. batches.SelectMany(batch => Enumerable.Range(0, batch.Count).Select(item => new ItemPlace(batch, item)))];
        return [.. Enumerable.Range(0, places.Length)
            .GroupBy(row => (Text: (places[row].TextLength + step - 1) / step, Patches: places[row].PatchCount, places[row].Columns))
            .OrderBy(group => group.Key)
            .Select(group => group.Key is (0, 0, _)
                ? throw new ArgumentException($"Item {group.First()} of the batch has neither text nor picture.")
                : Build(group.Key.Columns, [.. group], places, pixels, type, device))];
    }

    private static ModalityGroup Build(int columns, int[] rows, ItemPlace[] places, PixelScale pixels, ScalarType type, Device device)
    {
        ItemPlace[] items = [.. rows.Select(row => places[row])];
        var (tokens, textPresent) = PadTokens(items, device);
        return new ModalityGroup(rows, tokens, textPresent, Patches(items, pixels, type, device))
        {
            Columns = columns,
            Texts = [.. items.Select(item => new ReadOnlyMemory<int>(item.Batch.Tokens, item.Batch.TextOffsets[item.Item], item.TextLength))],
        };
    }

    private static (Tensor?, Tensor?) PadTokens(ItemPlace[] items, Device device)
    {
        int[] lengths = [.. items.Select(item => item.TextLength)];
        var longest = lengths.Max();
        if (longest == 0)
            return (null, null);
        var padded = new long[items.Length * longest];
        for (var n = 0; n < items.Length; n++)
            for (var t = 0; t < lengths[n]; t++)
                padded[n * longest + t] = items[n].Tokens[t];
        return (tensor(padded, [items.Length, longest]).Sent(device), Present(lengths, longest, device));
    }

    private static Tensor? Patches(ItemPlace[] items, PixelScale pixels, ScalarType type, Device device)
    {
        var count = items[0].PatchCount;
        if (count == 0)
            return null;
        using var bytes_NPX = HostStaging.Gather([items.Length, count, items[0].Batch.PatchBytes], device, item => items[item].Patches);
        return bytes_NPX.to(type).Shift_(-White * pixels.Mean).Scale_(1 / (White * pixels.Std));
    }

    private static Tensor? Present(int[] lengths, int longest, Device device)
    {
        if (lengths.All(length => length == longest))
            return null;
        var present = new bool[lengths.Length * longest];
        for (var n = 0; n < lengths.Length; n++)
            Array.Fill(present, true, n * longest, lengths[n]);
        return tensor(present, [lengths.Length, longest]).Sent(device);
    }
}

/// <summary>An item where it lies.</summary>
internal readonly record struct ItemPlace(ItemBatch Batch, int Item)
{
    public int TextLength => Batch.TextLength(Item);
    public int PatchCount => Batch.PatchCount(Item);
    public int Columns => PatchCount == 0 ? 0 : Batch.ColumnsOf(Item);
    public ReadOnlySpan<int> Tokens => Batch.Tokens.AsSpan(Batch.TextOffsets[Item], TextLength);
    public ReadOnlySpan<byte> Patches => Batch.Patches.AsSpan(Batch.PatchOffsets[Item] * Batch.PatchBytes, PatchCount * Batch.PatchBytes);
}
