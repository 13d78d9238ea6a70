using System.Collections.Immutable;

namespace JointFusion.Data;

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
