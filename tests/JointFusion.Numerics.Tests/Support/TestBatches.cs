using System.Collections.Immutable;
using JointFusion.Data;

namespace JointFusion.Numerics.Tests;

/// <summary>Small global batches of random items, divided over ranks.</summary>
public static class TestBatches
{
    /// <summary>Row i's positive is candidate i; items of all modalities, candidates pictures.</summary>
    public static PairBatch Of(int rows, int rank, int world)
    {
        ImmutableArray<int>[] candidates = [.. Enumerable.Range(0, rows).Select(row => ImmutableArray.Create(row))];
        var layout = new BatchLayout(candidates, candidates, rank, world);
        var (first, count) = layout.Local;
        return new PairBatch
        {
            Step = 1,
            Queries = TestItems.Mixed(rows, seed: 21).Slice(first, count),
            Candidates = TestItems.Of(rows, seed: 22, _ => (false, true)).Slice(first, count),
            Layout = layout,
            LedgerEntry = "",
        };
    }
}
