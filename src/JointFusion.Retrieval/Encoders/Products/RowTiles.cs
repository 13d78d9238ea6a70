namespace JointFusion.Retrieval;

/// <summary>Rows in tiles that stay in a core's own cache from one product to the next, and in slices whose gradients are summed apart.</summary>
/// <remarks>Slices depend on the rows alone: however many threads share them, every sum has one order.</remarks>
internal static class RowTiles
{
    /// <summary>Of a tile, at most.</summary>
    public const int Rows = 96;

    /// <summary>Fewer would make the slices' sums a noticeable part of the work.</summary>
    private const int RowsWorthASlice = 768;

    private const int MostSlices = 16;

    public static int Slices(long rows) => (int)Math.Clamp(rows / RowsWorthASlice, 1, MostSlices);

    /// <summary>Where nothing is summed over rows: tiles in any order.</summary>
    /// <param name="work">Called with a tile's first row and its number of rows.</param>
    public static void Each(long rows, Action<nint, int> work) => TorchThreads.For((int)((rows + Rows - 1) / Rows), tile =>
    {
        var first = (nint)tile * Rows;
        work(first, (int)Math.Min(Rows, rows - first));
    });

    /// <param name="work">Called with a slice, a tile's first row and its number of rows; in order within a slice.</param>
    public static void Each(long rows, Action<int, nint, int> work)
    {
        var slices = Slices(rows);
        TorchThreads.For(slices, slice =>
        {
            var (first, end) = (rows * slice / slices, rows * (slice + 1) / slices);
            for (; first < end; first += Rows)
                work(slice, (nint)first, (int)Math.Min(Rows, end - first));
        });
    }
}
