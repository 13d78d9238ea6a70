namespace JointFusion.Data;

/// <summary>One rank's share of a global batch: queries, and the candidates they bring.</summary>
public sealed class PairBatch
{
    /// <summary>Step, counted over the whole run from 1.</summary>
    public required int Step { get; init; }

    public required ItemBatch Queries { get; init; }

    /// <summary>Row by row: the query's positive, then its hard negatives.</summary>
    public required ItemBatch Candidates { get; init; }

    /// <summary>Of the GLOBAL batch.</summary>
    public required BatchLayout Layout { get; init; }

    /// <summary>Hash of the global batch's ids (query, candidate, instruction), hex; the same on every rank and at any world size.</summary>
    public required string LedgerEntry { get; init; }
}
