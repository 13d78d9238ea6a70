using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>One rank's share of a global batch: queries, and the candidates they bring.</summary>
public sealed class PairBatch
{
    /// <summary>Step, counted over the whole run from 1.</summary>
    public required int Step { get; init; }

    public required ItemBatch Queries { get; init; }

    /// <summary>Row by row: the query's positive, then its hard negatives.</summary>
    public required ItemBatch Candidates { get; init; }

    /// <summary>Queries of the GLOBAL batch.</summary>
    public required int GlobalRows { get; init; }

    /// <summary>Dense index of every candidate of the GLOBAL batch, row by row: known to each rank without communication.</summary>
    public required int[] GlobalCandidates { get; init; }

    /// <summary>How many of <see cref="GlobalCandidates"/> each rank brings, in rank order.</summary>
    public required int[] CandidatesOfRank { get; init; }

    /// <summary>For each local row, the place of its positive in <see cref="GlobalCandidates"/>.</summary>
    public required int[] Targets { get; init; }

    /// <summary>For each local row, all positives of its query (dense candidate indices): none of them may serve as its negative.</summary>
    public required ImmutableArray<int>[] Positives { get; init; }

    /// <summary>Hash of the global batch's ids (query, candidate, instruction), hex; the same on every rank and at any world size.</summary>
    public required string LedgerEntry { get; init; }
}
