namespace JointFusion.Training;

/// <summary>Checks that fail on the caller alone, before anything is exchanged.</summary>
internal static class GroupArguments
{
    /// <exception cref="ArgumentException">The counts do not describe these buffers.</exception>
    public static void CheckCounts(ReadOnlySpan<int> counts, int worldSize, int rank, int local, int all)
    {
        if (counts.Length != worldSize)
            throw new ArgumentException($"{counts.Length} counts for {worldSize} ranks.", nameof(counts));
        var sum = 0L;
        foreach (var count in counts)
        {
            if (count < 0) throw new ArgumentException($"A count is {count}.", nameof(counts));
            sum += count;
        }
        if (sum != all) throw new ArgumentException($"The counts sum to {sum}, but the whole buffer has {all} elements.", nameof(counts));
        if (counts[rank] != local)
            throw new ArgumentException($"counts[{rank}] is {counts[rank]}, but the local buffer has {local} elements.", nameof(counts));
    }

    public static void CheckRoot(int root, int worldSize) =>
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)root, (uint)worldSize, nameof(root));

    /// <summary>Where rank <paramref name="rank"/>'s part starts.</summary>
    public static int Start(ReadOnlySpan<int> counts, int rank)
    {
        var start = 0;
        for (var i = 0; i < rank; i++) start += counts[i];
        return start;
    }
}
