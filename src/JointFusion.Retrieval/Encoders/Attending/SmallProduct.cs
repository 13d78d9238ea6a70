using System.Numerics;

namespace JointFusion.Retrieval;

/// <summary>Products of matrices that fit a core's own cache, for which a BLAS call prepares longer than it computes.</summary>
/// <remarks>Tiles of 4 rows by 3 (or 2) vectors: their 12 sums, the 3 vectors of B and one number of A are the 16 registers of AVX2.</remarks>
internal static unsafe class SmallProduct
{
    private const int TileRows = 4;

    /// <summary>C = A B.</summary>
    /// <param name="a">m x k, any strides.</param>
    /// <param name="b">k x n, its columns adjoining.</param>
    /// <param name="c">m x n, its columns adjoining; overlaps neither.</param>
    /// <param name="n">A multiple of <see cref="Vector{T}.Count"/>.</param>
    public static void Compute<T>(Matrix<T> a, Matrix<T> b, Matrix<T> c, int m, int n, int k)
        where T : unmanaged
    {
        for (int left = 0, vectors; left < n; left += vectors * Vector<T>.Count)
        {
            var remaining = (n - left) / Vector<T>.Count;
            vectors = m < TileRows ? 1 : remaining == 4 ? 2 : Math.Min(remaining, 3);
            var (band, below) = (b.From(0, left), c.From(0, left));
            if (vectors == 1)
                Column(a, band, below, m, k);
            else
                Columns(a, band, below, vectors, m, k);
        }
    }

    private static void Columns<T>(Matrix<T> a, Matrix<T> b, Matrix<T> c, int vectors, int m, int k)
        where T : unmanaged
    {
        for (var row = 0; row < m; row += TileRows)
        {
            var top = Math.Min(row, m - TileRows); // The last tile does some rows again, rather than reach beyond the end.
            if (vectors == 3)
                Tile3(a.From(top, 0), b, c.From(top, 0), k);
            else
                Tile2(a.From(top, 0), b, c.From(top, 0), k);
        }
    }

    private static void Column<T>(Matrix<T> a, Matrix<T> b, Matrix<T> c, int m, int k)
        where T : unmanaged
    {
        for (var row = 0; row < m; row++)
        {
            var sum = Vector<T>.Zero;
            for (var p = 0; p < k; p++)
                sum = Vectors.MultiplyAdd(new Vector<T>(*a.At(row, p)), Vector.Load(b.At(p, 0)), sum);
            sum.Store(c.At(row, 0));
        }
    }

    private static void Tile3<T>(Matrix<T> a, Matrix<T> b, Matrix<T> c, int k)
        where T : unmanaged
    {
        T* left = a.At(0, 0), right = b.At(0, 0);
        nint row = a.Row, columnA = a.Column, rowB = b.Row;
        Vector<T> c00 = default, c01 = default, c02 = default, c10 = default, c11 = default, c12 = default;
        Vector<T> c20 = default, c21 = default, c22 = default, c30 = default, c31 = default, c32 = default;
        for (var p = 0; p < k; p++, left += columnA, right += rowB)
        {
            Vector<T> b0 = Vector.Load(right), b1 = Vector.Load(right + Vector<T>.Count), b2 = Vector.Load(right + (2 * Vector<T>.Count));
            var x = new Vector<T>(left[0]);
            c00 = Vectors.MultiplyAdd(x, b0, c00);
            c01 = Vectors.MultiplyAdd(x, b1, c01);
            c02 = Vectors.MultiplyAdd(x, b2, c02);
            x = new Vector<T>(left[row]);
            c10 = Vectors.MultiplyAdd(x, b0, c10);
            c11 = Vectors.MultiplyAdd(x, b1, c11);
            c12 = Vectors.MultiplyAdd(x, b2, c12);
            x = new Vector<T>(left[2 * row]);
            c20 = Vectors.MultiplyAdd(x, b0, c20);
            c21 = Vectors.MultiplyAdd(x, b1, c21);
            c22 = Vectors.MultiplyAdd(x, b2, c22);
            x = new Vector<T>(left[3 * row]);
            c30 = Vectors.MultiplyAdd(x, b0, c30);
            c31 = Vectors.MultiplyAdd(x, b1, c31);
            c32 = Vectors.MultiplyAdd(x, b2, c32);
        }
        Store(c.At(0, 0), c00, c01, c02);
        Store(c.At(1, 0), c10, c11, c12);
        Store(c.At(2, 0), c20, c21, c22);
        Store(c.At(3, 0), c30, c31, c32);
    }

    private static void Tile2<T>(Matrix<T> a, Matrix<T> b, Matrix<T> c, int k)
        where T : unmanaged
    {
        T* left = a.At(0, 0), right = b.At(0, 0);
        nint row = a.Row, columnA = a.Column, rowB = b.Row;
        Vector<T> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        for (var p = 0; p < k; p++, left += columnA, right += rowB)
        {
            Vector<T> b0 = Vector.Load(right), b1 = Vector.Load(right + Vector<T>.Count);
            var x = new Vector<T>(left[0]);
            c00 = Vectors.MultiplyAdd(x, b0, c00);
            c01 = Vectors.MultiplyAdd(x, b1, c01);
            x = new Vector<T>(left[row]);
            c10 = Vectors.MultiplyAdd(x, b0, c10);
            c11 = Vectors.MultiplyAdd(x, b1, c11);
            x = new Vector<T>(left[2 * row]);
            c20 = Vectors.MultiplyAdd(x, b0, c20);
            c21 = Vectors.MultiplyAdd(x, b1, c21);
            x = new Vector<T>(left[3 * row]);
            c30 = Vectors.MultiplyAdd(x, b0, c30);
            c31 = Vectors.MultiplyAdd(x, b1, c31);
        }
        Store(c.At(0, 0), c00, c01);
        Store(c.At(1, 0), c10, c11);
        Store(c.At(2, 0), c20, c21);
        Store(c.At(3, 0), c30, c31);
    }

    private static void Store<T>(T* at, Vector<T> first, Vector<T> second) where T : unmanaged
    {
        first.Store(at);
        second.Store(at + Vector<T>.Count);
    }

    private static void Store<T>(T* at, Vector<T> first, Vector<T> second, Vector<T> third) where T : unmanaged
    {
        Store(at, first, second);
        third.Store(at + (2 * Vector<T>.Count));
    }
}
