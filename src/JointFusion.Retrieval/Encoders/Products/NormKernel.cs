using System.Runtime.Intrinsics;

namespace JointFusion.Retrieval;

/// <summary>Layer norm of rows (Ba et al. 2016, arXiv 1607.06450), y = g n + b with n = (x - mean) / deviation, and its gradient.</summary>
/// <param name="width">W, a multiple of 16.</param>
/// <param name="scale">g, of W numbers.</param>
/// <param name="shift">b, of W numbers.</param>
internal readonly unsafe struct NormKernel(int width, float* scale, float* shift, float epsilon)
{
    private static int Lanes => Vector512<float>.Count;

    public static bool Fits(long width) => width % Lanes == 0;

    /// <param name="y">W numbers, written.</param>
    /// <returns>Mean and 1 / deviation.</returns>
    public (float Mean, float Factor) Forward(float* x, float* y)
    {
        var sums = Vector512<float>.Zero;
        for (var i = 0; i < width; i += Lanes)
            sums += Vector512.Load(x + i);
        var mean = Vector512.Sum(sums) / width;
        var (means, squares) = (Vector512.Create(mean), Vector512<float>.Zero);
        for (var i = 0; i < width; i += Lanes)
        {
            var distance = Vector512.Load(x + i) - means;
            squares = Vector512.FusedMultiplyAdd(distance, distance, squares);
        }
        var factor = 1 / MathF.Sqrt((Vector512.Sum(squares) / width) + epsilon);
        Forward(x, y, mean, factor);
        return (mean, factor);
    }

    /// <summary>Again, of what the first time gave.</summary>
    public void Forward(float* x, float* y, float mean, float factor)
    {
        var (means, factors) = (Vector512.Create(mean), Vector512.Create(factor));
        for (var i = 0; i < width; i += Lanes)
            Vector512.FusedMultiplyAdd((Vector512.Load(x + i) - means) * factors, Vector512.Load(scale + i), Vector512.Load(shift + i)).Store(y + i);
    }

    /// <param name="given">Gradient of y.</param>
    /// <param name="gradient">Of x: W numbers, written; may hold <paramref name="given"/>.</param>
    /// <param name="also">Added to it, or null.</param>
    /// <param name="scaleGradient">Added to.</param>
    /// <param name="shiftGradient">Added to.</param>
    public void Backward(float* x, float* given, float mean, float factor, float* also, float* gradient, float* scaleGradient, float* shiftGradient)
    {
        var (means, factors, sums, products) = (Vector512.Create(mean), Vector512.Create(factor), Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < width; i += Lanes)
        {
            var (normed, outer) = ((Vector512.Load(x + i) - means) * factors, Vector512.Load(given + i));
            (Vector512.Load(shiftGradient + i) + outer).Store(shiftGradient + i);
            Vector512.FusedMultiplyAdd(outer, normed, Vector512.Load(scaleGradient + i)).Store(scaleGradient + i);
            var inner = outer * Vector512.Load(scale + i);
            sums += inner;
            products = Vector512.FusedMultiplyAdd(inner, normed, products);
        }
        var (offsets, slopes) = (Vector512.Create(Vector512.Sum(sums) / width), Vector512.Create(Vector512.Sum(products) / width));
        for (var i = 0; i < width; i += Lanes)
        {
            var normed = (Vector512.Load(x + i) - means) * factors;
            var inner = Vector512.Load(given + i) * Vector512.Load(scale + i);
            var added = also is null ? Vector512<float>.Zero : Vector512.Load(also + i);
            Vector512.FusedMultiplyAdd(inner - offsets - (normed * slopes), factors, added).Store(gradient + i);
        }
    }
}
