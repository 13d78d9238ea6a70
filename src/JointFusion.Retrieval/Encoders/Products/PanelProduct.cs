namespace JointFusion.Retrieval;

/// <summary>Products of matrices in float32, tile by tile on the calling thread.</summary>
/// <remarks>Each number is a sum in the order of k, whatever the sizes: nothing depends on how a matrix is cut into rows.</remarks>
internal static unsafe class PanelProduct
{
    [ThreadStatic]
    private static PinnedScratch<float>? scratch;

    /// <summary>C = F + O + A B.</summary>
    /// <param name="a">m x k, any strides.</param>
    /// <param name="b">k x n.</param>
    /// <param name="f">m x n, columns adjoining: C itself to add to it; or <see cref="Matrices.Zero"/>, or one row for all.</param>
    /// <param name="o">The same.</param>
    /// <param name="c">m x n, columns adjoining; overlaps neither A nor B.</param>
    public static void Compute(Matrix<float> a, Panels b, Matrix<float> f, Matrix<float> o, Matrix<float> c, int m)
    {
        for (var column = 0; column < b.Columns; column += ProductTile.Columns)
        {
            var width = Math.Min(ProductTile.Columns, b.Columns - column);
            for (var row = 0; row < m; row += ProductTile.Rows)
            {
                var height = Math.Min(ProductTile.Rows, m - row);
                if (height == ProductTile.Rows && width == ProductTile.Columns)
                    ProductTile.Compute(a.From(row, 0), b.At(column), f.From(row, column), o.From(row, column), c.From(row, column), b.Rows);
                else
                    Edge(a.From(row, 0), b.At(column), f.From(row, column), o.From(row, column), c.From(row, column), b.Rows, height, width);
            }
        }
    }

    /// <summary>A tile that reaches beyond the end, by way of whole ones.</summary>
    private static void Edge(Matrix<float> a, float* b, Matrix<float> f, Matrix<float> o, Matrix<float> c, int k, int height, int width)
    {
        var left = (scratch ??= new()).AtLeast(ProductTile.Rows * (k + ProductTile.Columns));
        var whole = new Matrix<float>(left, 1, ProductTile.Rows);
        var tile = new Matrix<float>(left + (ProductTile.Rows * k), ProductTile.Columns);
        for (var p = 0; p < k; p++)
            for (var row = 0; row < ProductTile.Rows; row++)
                *whole.At(row, p) = row < height ? *a.At(row, p) : 0;
        for (var row = 0; row < ProductTile.Rows; row++)
            for (var column = 0; column < ProductTile.Columns; column++)
                *tile.At(row, column) = row < height && column < width ? *f.At(row, column) + *o.At(row, column) : 0;
        ProductTile.Compute(whole, b, tile, Matrices.Zero, tile, k);
        for (var row = 0; row < height; row++)
            for (var column = 0; column < width; column++)
                *c.At(row, column) = *tile.At(row, column);
    }
}
