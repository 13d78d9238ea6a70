namespace JointFusion.Data;

/// <summary>One rank's rows of a global batch.</summary>
/// <param name="First">Of the global batch, from 0.</param>
public readonly record struct Share(int First, int Count)
{
    /// <summary>Contiguous shares by rank that differ by at most one row. With more ranks than rows some are empty.</summary>
    public static Share Of(int rank, int world, int globalBatch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(world, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, world);
        var first = Start(rank, world, globalBatch);
        return new Share(first, Start(rank + 1, world, globalBatch) - first);
    }

    /// <summary>The sizes of all shares, by rank.</summary>
    public static int[] Counts(int total, int world) => [.. Enumerable.Range(0, world).Select(rank => Of(rank, world, total).Count)];

    private static int Start(int rank, int world, int globalBatch) => (int)((long)globalBatch * rank / world);
}
