using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JointFusion.Retrieval;

/// <summary>12 x 32 numbers of a product, all kept in registers while they are summed.</summary>
/// <remarks>24 sums, two vectors of B and one number of A take 27 of AVX-512's 32 registers; 24 independent sums hide the latency of 2 units.</remarks>
internal static unsafe class ProductTile
{
    public const int Rows = 12, Columns = 2 * Lanes;

    private const int Lanes = 16;

    /// <summary>C = F + O + A B.</summary>
    /// <param name="a">12 x k, any strides.</param>
    /// <param name="b">k x 32, end to end.</param>
    /// <param name="f">Like C, or with strides of 0.</param>
    /// <param name="o">The same.</param>
    /// <param name="c">12 x 32, its columns adjoining.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Compute(Matrix<float> a, float* b, Matrix<float> f, Matrix<float> o, Matrix<float> c, int k)
    {
        Pair c0 = Start(f, o, 0), c1 = Start(f, o, 1), c2 = Start(f, o, 2), c3 = Start(f, o, 3), c4 = Start(f, o, 4), c5 = Start(f, o, 5);
        Pair c6 = Start(f, o, 6), c7 = Start(f, o, 7), c8 = Start(f, o, 8), c9 = Start(f, o, 9), c10 = Start(f, o, 10), c11 = Start(f, o, 11);
        nint row = a.Row, column = a.Column;
        float* a0 = a.At(0, 0), a3 = a.At(3, 0), a6 = a.At(6, 0), a9 = a.At(9, 0);
        for (var p = 0; p < k; p++, b += Columns, a0 += column, a3 += column, a6 += column, a9 += column)
        {
            Vector512<float> left = Vector512.Load(b), right = Vector512.Load(b + Lanes);
            c0 = c0.Plus(a0[0], left, right);
            c1 = c1.Plus(a0[row], left, right);
            c2 = c2.Plus(a0[2 * row], left, right);
            c3 = c3.Plus(a3[0], left, right);
            c4 = c4.Plus(a3[row], left, right);
            c5 = c5.Plus(a3[2 * row], left, right);
            c6 = c6.Plus(a6[0], left, right);
            c7 = c7.Plus(a6[row], left, right);
            c8 = c8.Plus(a6[2 * row], left, right);
            c9 = c9.Plus(a9[0], left, right);
            c10 = c10.Plus(a9[row], left, right);
            c11 = c11.Plus(a9[2 * row], left, right);
        }
        c0.Store(c.At(0, 0));
        c1.Store(c.At(1, 0));
        c2.Store(c.At(2, 0));
        c3.Store(c.At(3, 0));
        c4.Store(c.At(4, 0));
        c5.Store(c.At(5, 0));
        c6.Store(c.At(6, 0));
        c7.Store(c.At(7, 0));
        c8.Store(c.At(8, 0));
        c9.Store(c.At(9, 0));
        c10.Store(c.At(10, 0));
        c11.Store(c.At(11, 0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair Start(Matrix<float> f, Matrix<float> o, int row)
    {
        float* first = f.At(row, 0), second = o.At(row, 0);
        return new Pair(Vector512.Load(first) + Vector512.Load(second), Vector512.Load(first + Lanes) + Vector512.Load(second + Lanes));
    }

    /// <summary>Sums of one row.</summary>
    private readonly struct Pair(Vector512<float> left, Vector512<float> right)
    {
        private readonly Vector512<float> left = left, right = right;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Pair Plus(float factor, Vector512<float> b, Vector512<float> c)
        {
            var factors = Vector512.Create(factor);
            return new Pair(Vector512.FusedMultiplyAdd(factors, b, left), Vector512.FusedMultiplyAdd(factors, c, right));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store(float* at)
        {
            left.Store(at);
            right.Store(at + Lanes);
        }
    }
}
