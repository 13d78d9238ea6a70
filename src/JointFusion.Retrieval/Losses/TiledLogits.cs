using static TorchSharp.torch;

namespace JointFusion.Retrieval;

/// <summary>R x C logits, of which one tile exists at a time: memory linear in rows and columns.</summary>
/// <remarks>E is the embedding; r and c are the rows of a band and the columns of a tile.</remarks>
/// <param name="rows_RE">Normalised.</param>
/// <param name="columns_CE">Normalised.</param>
/// <param name="masked">Places that count for nothing, with a logit of minus infinity; none is a target.</param>
/// <param name="scale">Of the scores: one over the temperature.</param>
/// <param name="bias">Added to the scaled scores.</param>
internal sealed class TiledLogits(
    Tensor rows_RE, Tensor columns_CE, IEnumerable<(int Row, int Column)> masked, double scale, double bias = 0)
{
    private const int RowsPerTile = 2_048;
    private const int ColumnsPerTile = 4_096;

    private readonly ILookup<(int, int), (int Row, int Column)> masks =
        masked.ToLookup(place => (place.Row / RowsPerTile, place.Column / ColumnsPerTile));

    /// <summary>From the top.</summary>
    public IEnumerable<LogitBand> Bands()
    {
        var rows = (int)rows_RE.size(0);
        for (var top = 0; top < rows; top += RowsPerTile)
            yield return new LogitBand(top, Math.Min(RowsPerTile, rows - top));
    }

    public Tensor Rows(LogitBand band) => rows_RE.narrow(0, band.Top, band.Height);

    /// <returns>By row of the band, its target's column.</returns>
    public Tensor Positives(Tensor targets_r) => columns_CE.index_select(0, targets_r);

    /// <summary>From the left.</summary>
    public IEnumerable<LogitTile> Tiles(LogitBand band)
    {
        var columns = (int)columns_CE.size(0);
        for (var left = 0; left < columns; left += ColumnsPerTile)
            yield return new LogitTile(band, left, Math.Min(ColumnsPerTile, columns - left));
    }

    public Tensor Columns(LogitTile tile) => columns_CE.narrow(0, tile.Left, tile.Width);

    /// <returns>A new tensor, of the band's height and the tile's width.</returns>
    public Tensor Logits(LogitTile tile)
    {
        var logits_rc = Rows(tile.Band).mm(Columns(tile).t()).Scale_(scale);
        if (bias != 0)
            logits_rc.Shift_(bias);
        long[] flat = [.. masks[(tile.Band.Top / RowsPerTile, tile.Left / ColumnsPerTile)]
            .Select(place => (place.Row - tile.Band.Top) * (long)tile.Width + place.Column - tile.Left)];
        return flat.Length == 0 ? logits_rc : logits_rc.FilledAt(flat, double.NegativeInfinity);
    }
}

/// <param name="Top">First row.</param>
/// <param name="Height">Number of rows.</param>
internal readonly record struct LogitBand(int Top, int Height);

/// <param name="Left">First column.</param>
/// <param name="Width">Number of columns.</param>
internal readonly record struct LogitTile(LogitBand Band, int Left, int Width);
