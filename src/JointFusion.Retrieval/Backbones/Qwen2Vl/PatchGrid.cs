using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>A picture's patches in time, height and width, before they are merged.</summary>
internal sealed record PatchGrid(int Time, int Height, int Width)
{
    public int Count => Time * Height * Width;

    /// <param name="grids_I3">Int64, a row a picture.</param>
    /// <param name="merge">Patches a side that become one.</param>
    /// <exception cref="ArgumentException">Heights and widths are not whole multiples of <paramref name="merge"/>.</exception>
    public static PatchGrid[] Read(Tensor grids_I3, int merge)
    {
        using var cpu = grids_I3.to(ScalarType.Int64).cpu().contiguous();
        var numbers = cpu.data<long>().ToArray();
        PatchGrid[] grids = [.. Enumerable.Range(0, numbers.Length / 3).Select(i => new PatchGrid((int)numbers[3 * i], (int)numbers[(3 * i) + 1], (int)numbers[(3 * i) + 2]))];
        return Array.Find(grids, grid => grid.Count <= 0 || grid.Height % merge != 0 || grid.Width % merge != 0) is { } wrong
            ? throw new ArgumentException($"A picture of {wrong.Time} x {wrong.Height} x {wrong.Width} patches cannot be merged {merge} x {merge}.")
            : grids;
    }

    /// <summary>Row and column of each patch, in the order in which they come: merge block by merge block, within one row by row.</summary>
    public IEnumerable<(int Row, int Column)> Places(int merge) =>
        from time in Enumerable.Range(0, Time)
        from blockRow in Enumerable.Range(0, Height / merge)
        from blockColumn in Enumerable.Range(0, Width / merge)
        from row in Enumerable.Range(0, merge)
        from column in Enumerable.Range(0, merge)
        select ((blockRow * merge) + row, (blockColumn * merge) + column);
}
