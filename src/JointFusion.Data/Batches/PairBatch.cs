using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>Items of any mix of modalities, ragged: nothing is padded. Padding or packing is the encoder's choice.</summary>
/// <remarks>
/// Item i owns tokens [TextOffsets[i], TextOffsets[i+1]) of <see cref="Tokens"/> and patches [PatchOffsets[i], PatchOffsets[i+1]).
/// An absent part is an empty range. One patch is PatchBytes = 3*P*P bytes, channel-major (R plane, G plane, B plane), row by row within;
/// an item's patches are row by row over its picture.
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

    public int TextLength(int item) => TextOffsets[item + 1] - TextOffsets[item];
    public int PatchCount(int item) => PatchOffsets[item + 1] - PatchOffsets[item];
}

/// <summary>One rank's share of a global batch: row i of the queries belongs to row i of the candidates.</summary>
public sealed class PairBatch
{
    /// <summary>Step, counted over the whole run from 1.</summary>
    public required int Step { get; init; }

    public required ItemBatch Queries { get; init; }
    public required ItemBatch Candidates { get; init; }

    /// <summary>Of the global batch, where this rank's rows start.</summary>
    public required int FirstRow { get; init; }

    /// <summary>Dense candidate index of every row of the GLOBAL batch: known to each rank without communication.</summary>
    public required int[] GlobalCandidates { get; init; }

    /// <summary>For each local row, all positives of its query (dense candidate indices): none of them may serve as its negative.</summary>
    public required ImmutableArray<int>[] Positives { get; init; }

    /// <summary>Hash of the global batch's ids (query, candidate, instruction), hex; the same on every rank and at any world size.</summary>
    public required string LedgerEntry { get; init; }
}
