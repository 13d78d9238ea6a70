using System.Collections.Immutable;

namespace JointFusion.Data;

/// <summary>All pairs of one step, whatever the number of ranks they are divided over.</summary>
/// <param name="Step">Counted over the whole run, from 1.</param>
/// <param name="LedgerEntry">The first 32 hex digits of the SHA-256 of all rows' ids and instructions.</param>
public sealed record GlobalBatch(int Step, ImmutableArray<BatchRow> Rows, string LedgerEntry);

/// <param name="Candidate">The positive drawn, by dense index.</param>
/// <param name="Instruction">Index into the query's instructions; -1 for none.</param>
/// <param name="HardNegatives">Drawn from the query's, by dense index.</param>
public readonly record struct BatchRow(Query Query, int Candidate, int Instruction, ImmutableArray<int> HardNegatives)
{
    /// <summary>What the row brings to the global batch: its positive, then its hard negatives.</summary>
    public ImmutableArray<int> Candidates => [Candidate, .. HardNegatives];
}
