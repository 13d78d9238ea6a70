namespace JointFusion.Data;

/// <summary>Items of any mix of modalities, ragged: nothing is padded. Padding or packing is the encoder's choice.</summary>
/// <remarks>
/// Item i owns tokens [TextOffsets[i], TextOffsets[i+1]) of <see cref="Tokens"/> and patches [PatchOffsets[i], PatchOffsets[i+1]).
/// An absent part is an empty range. One patch is PatchBytes = 3*P*P bytes, channel-major (R plane, G plane, B plane), row by row within;
/// an item's patches are row by row over its picture, whatever its size: <see cref="PatchColumns"/> has its width.
/// </remarks>
public sealed class ItemBatch
{
    public required int Count { get; init; }
    public required int[] Tokens { get; init; }

    /// <summary>Count + 1 entries.</summary>
    public required int[] TextOffsets { get; init; }

    /// <summary>Patches times <see cref="PatchBytes"/>, 0..255.</summary>
    public required byte[] Patches { get; init; }

    /// <summary>In patches, Count + 1 entries.</summary>
    public required int[] PatchOffsets { get; init; }

    public required int PatchBytes { get; init; }

    /// <summary>Of each item's picture the patches in a row, 0 without one; empty: all pictures are square.</summary>
    public int[] PatchColumns { get; init; } = [];

    public int TextLength(int item) => TextOffsets[item + 1] - TextOffsets[item];
    public int PatchCount(int item) => PatchOffsets[item + 1] - PatchOffsets[item];

    /// <summary>Patches in a row of the item's picture; 0 without one.</summary>
    public int ColumnsOf(int item) => PatchColumns.Length > 0 ? PatchColumns[item] : (int)Math.Round(Math.Sqrt(PatchCount(item)));

    /// <summary>The items of both, <paramref name="first"/>'s before.</summary>
    public static ItemBatch Join(ItemBatch first, ItemBatch second) => new()
    {
        Count = first.Count + second.Count,
        Tokens = [.. first.Tokens, .. second.Tokens],
        TextOffsets = JoinOffsets(first.TextOffsets, second.TextOffsets),
        Patches = [.. first.Patches, .. second.Patches],
        PatchOffsets = JoinOffsets(first.PatchOffsets, second.PatchOffsets),
        PatchBytes = first.PatchBytes == second.PatchBytes
            ? first.PatchBytes
            : throw new ArgumentException($"Patches of {first.PatchBytes} and {second.PatchBytes} bytes cannot be joined.", nameof(second)),
        PatchColumns = first.PatchColumns.Length + second.PatchColumns.Length == 0 ? [] : [.. first.AllColumns(), .. second.AllColumns()],
    };

    /// <summary>Items [first, first + count).</summary>
    public ItemBatch Slice(int first, int count)
    {
        var text = TextOffsets[first]..TextOffsets[first + count];
        var patches = PatchOffsets[first]..PatchOffsets[first + count];
        return new ItemBatch
        {
            Count = count,
            Tokens = Tokens[text],
            TextOffsets = [.. TextOffsets[first..(first + count + 1)].Select(offset => offset - text.Start.Value)],
            Patches = Patches[(patches.Start.Value * PatchBytes)..(patches.End.Value * PatchBytes)],
            PatchOffsets = [.. PatchOffsets[first..(first + count + 1)].Select(offset => offset - patches.Start.Value)],
            PatchBytes = PatchBytes,
            PatchColumns = PatchColumns.Length == 0 ? [] : PatchColumns[first..(first + count)],
        };
    }

    private IEnumerable<int> AllColumns() => Enumerable.Range(0, Count).Select(ColumnsOf);

    private static int[] JoinOffsets(int[] first, int[] second) =>
        [.. first, .. second.Skip(1).Select(offset => offset + first[^1])];
}
